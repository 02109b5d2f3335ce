import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

test('what was spent before the ledger remembered it stays spent', () => {
  const folder = dataDir();
  const [spent, other] = [createJoinToken(folder, GRANT), createJoinToken(folder, GRANT)];
  const id = new JoinTokens(folder).read(spent, 0)?.id;
  writeFileSync(join(folder, 'gateway/spent-tokens'), `${'0'.repeat(32)}\n${id}\n`);
  const tokens = new JoinTokens(folder);
  expect(tokens.read(spent, 0)).toBeNull();
  expect(tokens.read(other, 0)).toMatchObject(GRANT);
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
