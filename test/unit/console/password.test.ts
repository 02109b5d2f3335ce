import { expect, test } from 'vitest';
import { hashPassword, isPassword, makePassword } from '#services/console/password.ts';

const CHEAP = { N: 2, r: 1, p: 1 };

test('knows a password again by its hash, and no other', async () => {
  const hash = await hashPassword('correct horse', CHEAP);
  expect(await isPassword('correct horse', hash)).toBe(true);
  expect(await isPassword('correct horsf', hash)).toBe(false);
  expect(await isPassword('', hash)).toBe(false);
});

test('the same password has another hash each time', async () => {
  expect(await hashPassword('correct horse', CHEAP)).not.toBe(await hashPassword('correct horse', CHEAP));
});

test('stores its settings with the hash: those of the cheat sheet by default', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^scrypt:32768:8:3:[\w-]{22}:[\w-]{43}$/);
  expect(await isPassword('correct horse', hash)).toBe(true);
});

test('a letter that can be written in two ways is one letter', async () => {
  expect(await isPassword('caf\u0065\u0301', await hashPassword('caf\u00e9', CHEAP))).toBe(true);
});

test('refuses a hash of another kind', async () => {
  await expect(isPassword('x', '$2b$10$abc')).rejects.toThrow(/expected a hash of the scheme scrypt/);
});

test('makes passwords that nobody can guess', () => {
  const made = new Set(Array.from({ length: 100 }, makePassword));
  expect(made.size).toBe(100);
  for (const password of made) expect(password).toMatch(/^[\w-]{24}$/);
});
