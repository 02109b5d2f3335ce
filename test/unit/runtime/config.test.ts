import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '#libs/runtime/config.ts';
import { envName } from '#libs/runtime/env-name.ts';
import { ConfigError } from '#libs/runtime/errors.ts';

const schema = z.object({
  seriesUrl: z.url().default('http://127.0.0.1:8086'),
  windowSeconds: z.coerce.number().min(10, { error: 'expected 10..3600' }).default(60),
  resolution: z.enum(['full', 'rollup']).default('full'),
});

test('a key is set by its name in capitals', () => {
  expect(envName('seriesUrl')).toBe('DAVYLAMP_SERIES_URL');
  expect(envName('otlpPort2')).toBe('DAVYLAMP_OTLP_PORT2');
});

test('defaults hold where nothing is given, and the environment wins', () => {
  expect(loadConfig(schema, { env: {} }).windowSeconds).toBe(60);
  expect(loadConfig(schema, { env: { DAVYLAMP_WINDOW_SECONDS: '30' } }).windowSeconds).toBe(30);
});

test('every problem is in one message, with the value and the variable', () => {
  const env = { DAVYLAMP_SERIES_URL: 'nonsense', DAVYLAMP_WINDOW_SECONDS: '5', DAVYLAMP_RESOLUTION: 'some' };
  const load = () => loadConfig(schema, { env });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(
    /3 problem\(s\)[\s\S]*seriesUrl[\s\S]*"nonsense"[\s\S]*DAVYLAMP_SERIES_URL[\s\S]*windowSeconds: expected 10\.\.3600[\s\S]*"some"/,
  );
});

test('what does not fit together is in the same message, unless it is wrong by itself', () => {
  const check = ({ windowSeconds, resolution }: z.infer<typeof schema>) => [
    { key: 'windowSeconds', message: `expected less, because resolution is ${resolution}` },
    { key: 'resolution', message: `expected rollup, because windowSeconds is ${windowSeconds}` },
  ];
  const load = (env: Record<string, string>) => () => loadConfig(schema, { env }, check);
  expect(load({ DAVYLAMP_WINDOW_SECONDS: '70' })).toThrow(
    /2 problem\(s\)[\s\S]*expected less[\s\S]*got "70"[\s\S]*because windowSeconds is 70, got nothing/,
  );
  expect(load({ DAVYLAMP_WINDOW_SECONDS: '5' })).toThrow(
    /2 problem\(s\)[\s\S]*expected 10\.\.3600, got "5"[\s\S]*because windowSeconds is 60/,
  );
});

test('a secret is not shown', () => {
  const secret = z.object({ password: z.string().min(9, 'expected 9 characters').meta({ secret: true }) });
  expect(() => loadConfig(secret, { env: { DAVYLAMP_PASSWORD: 'open' } })).toThrow(
    /password: expected 9 characters, got a secret \(env DAVYLAMP_PASSWORD\)$/,
  );
});

test('unknown keys of a file are problems, each of them; the environment wins over the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'davylamp-config-'));
  const file = join(folder, 'davylamp.json');
  await writeFile(file, JSON.stringify({ windowSeconds: 20, colour: 'red', size: 5 }));
  expect(() => loadConfig(schema, { env: {}, file })).toThrow(
    /2 problem\(s\):\n {2}colour: expected no such key\n {2}size: expected no such key$/,
  );
  await writeFile(file, JSON.stringify({ windowSeconds: 20, resolution: 'rollup' }));
  const env = { DAVYLAMP_CONFIG: file, DAVYLAMP_WINDOW_SECONDS: '30' };
  expect(loadConfig(schema, { env })).toMatchObject({ windowSeconds: 30, resolution: 'rollup' });
  await rm(folder, { recursive: true });
});

test('settings of other services in a shared file are left alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'davylamp-config-'));
  const file = join(folder, 'davylamp.json');
  await writeFile(file, JSON.stringify({ windowSeconds: 20, consolePort: 'wrong, and not ours', tickMs: 5 }));
  const settings = loadConfig(schema, { env: {}, file });
  expect(settings).toEqual({ seriesUrl: 'http://127.0.0.1:8086', windowSeconds: 20, resolution: 'full' });
  await rm(folder, { recursive: true });
});

test.each(['[]', 'null', '5', 'nonsense'])('a file that holds %s is refused', async (content) => {
  const folder = await mkdtemp(join(tmpdir(), 'davylamp-config-'));
  const file = join(folder, 'davylamp.json');
  await writeFile(file, content);
  expect(() => loadConfig(schema, { env: {}, file })).toThrow(`${file}: expected a readable JSON file`);
  await rm(folder, { recursive: true });
});

test('a file that is not there is named', () => {
  expect(() => loadConfig(schema, { env: { DAVYLAMP_CONFIG: '/does/not/exist.json' } })).toThrow(
    '/does/not/exist.json: expected a readable JSON file',
  );
});
