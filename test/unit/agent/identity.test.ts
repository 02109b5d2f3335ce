import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError } from '#libs/runtime/errors.ts';
import { newBoot, openIdentity } from '#services/agent/identity.ts';
import { sanitise } from '#services/agent/state.ts';
import { lockState } from '#services/agent/state-lock.ts';
import { temporaryFolder } from './tree.ts';

test('keeps its key, its secret and its name from one start to the next', () => {
  const folder = temporaryFolder();
  const first = openIdentity(folder, 'node-1');
  const second = openIdentity(folder, undefined);
  expect(second.keys.publicKey).toBe(first.keys.publicKey);
  expect(second.secret).toEqual(first.secret);
  expect(second.node).toBe('node-1');
  expect(openIdentity(temporaryFolder(), 'node-1').keys.publicKey).not.toBe(first.keys.publicKey);
});

test('leaves nothing in its folder that others may read', () => {
  const folder = join(temporaryFolder(), 'state');
  newBoot(openIdentity(folder, 'node-1').state);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const names = readdirSync(folder);
  expect(names.sort()).toEqual(['boot', 'node', 'node-key.pem', 'node-secret']);
  for (const name of names) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
});

test('refuses a folder that belongs to another node', () => {
  const folder = temporaryFolder();
  openIdentity(folder, 'node-1');
  expect(() => openIdentity(folder, 'node-2')).toThrow(ConfigError);
});

test('every start has a name of its own', () => {
  const { state } = openIdentity(temporaryFolder(), 'node-1');
  expect(newBoot(state)).toMatch(/^[0-9a-f]{32}$/);
  expect(newBoot(state)).not.toBe(newBoot(state));
});

test('a host name becomes the name of a node', () => {
  expect(sanitise('gpu-07.example.org')).toBe('gpu-07.example.org');
  expect(sanitise('büro pc')).toBe('b-ro-pc');
  expect(sanitise('')).toBe('node');
});

test('two agents cannot use one folder', async () => {
  const folder = temporaryFolder();
  const lock = await lockState(folder);
  await expect(lockState(folder)).rejects.toBeInstanceOf(ConfigError);
  await lock[Symbol.asyncDispose]();
  await (await lockState(folder))[Symbol.asyncDispose]();
});
