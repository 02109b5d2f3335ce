import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { repositoryRoot } from '#deploy/servers/server.ts';
import { SETTING_NAMES } from '#libs/runtime/setting-names.ts';
import { documentSettings, listSettings, SERVICE_SCHEMAS } from '#services/settings-table.ts';

const readme = readFileSync(join(repositoryRoot, 'services', 'README.md'), 'utf8');
const fields = Object.values(SERVICE_SCHEMAS).flatMap(({ shape }) => Object.entries(shape));

test('the committed table is the one that `npm run settings` writes', () => {
  expect(documentSettings(readme)).toBe(readme);
  expect(documentSettings(readme.replace('DAVYLAMP_DATA_DIR', 'DAVYLAMP_OTHER'))).toBe(readme);
});

test('the names that the runtime knows are those of the schemas', () => {
  const names = readFileSync(join(repositoryRoot, 'libs', 'runtime', 'setting-names.ts'), 'utf8');
  expect(listSettings(names)).toBe(names);
  expect(listSettings(names.replace("'dataDir'", "'other'"))).toBe(names);
  expect([...SETTING_NAMES]).toEqual([...new Set(fields.map(([key]) => key))].sort());
});

test('a setting of several services is one setting, and each says what it means', () => {
  const first = new Map<string, z.ZodType>();
  for (const [key, field] of fields) {
    expect(first.get(key) ?? field, key).toBe(field);
    expect(z.globalRegistry.get(field)?.description, key).toMatch(/^[A-Za-z0-9].*\.$/);
    first.set(key, field);
  }
  expect(first.size).toBeGreaterThan(50);
});

/** Inputs that no setting takes all of. */
const WRONG = [-1, 0.5, 1e12, {}, '', 'a b', 'ftp://x'];

test('whatever is wrong with a setting, the message says what was expected', () => {
  const messages = fields.flatMap(([key, field]) =>
    WRONG.flatMap((wrong) => {
      const { error } = (field as z.ZodType).safeParse(wrong);
      return (error?.issues ?? []).map(({ message }) => `${key}: ${message}`);
    }),
  );
  for (const message of messages) expect(message).toMatch(/^\w+: expected /);
  const told = new Set(messages.map((message) => message.split(':')[0]));
  expect(fields.map(([key]) => key).filter((key) => !told.has(key))).toEqual([]);
});
