import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createJoinToken, JoinTokens } from '#services/gateway/join-token.ts';

const GRANT = { node: 'n', site: 's', tenant: 't', expiresMs: 1_000 };

function dataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'davylamp-join-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a token carries its grant until it expires', () => {
  const folder = dataDir();
  const token = createJoinToken(folder, GRANT);
  const tokens = new JoinTokens(folder);
  expect(tokens.read(token, 999)).toMatchObject(GRANT);
  expect(tokens.read(token, 1_000)).toBeNull();
});

test('is spent once, also for those that come later', () => {
  const folder = dataDir();
  const token = createJoinToken(folder, GRANT);
  const tokens = new JoinTokens(folder);
  const grant = tokens.read(token, 0);
  if (!grant) throw new Error('expected a grant');
  expect(tokens.spend(grant)).toBe(true);
  expect(tokens.spend(grant)).toBe(false);
  expect(tokens.read(token, 0)).toBeNull();
  expect(new JoinTokens(folder).read(token, 0)).toBeNull();
});

test('no changed, foreign or empty token is read', () => {
  const folder = dataDir();
  const [body, mac] = createJoinToken(folder, GRANT).split('.') as [string, string];
  const other = Buffer.from(JSON.stringify({ ...GRANT, node: 'm', id: '0'.repeat(32) })).toString(
    'base64url',
  );
  const tokens = new JoinTokens(folder);
  for (const token of [
    `${other}.${mac}`,
    `${body}.`,
    `${body}`,
    '',
    '.',
    createJoinToken(dataDir(), GRANT),
  ]) {
    expect(tokens.read(token, 0), token).toBeNull();
  }
});

test('the secret is for its user alone', () => {
  const folder = dataDir();
  createJoinToken(folder, GRANT);
  expect(statSync(join(folder, 'gateway/join-secret')).mode & 0o777).toBe(0o600);
});
