import { expect, test } from 'vitest';
import { z } from 'zod';
import { envName, loadConfig } from '#libs/runtime/config.ts';
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

test('a file that is not there is named', () => {
  expect(() => loadConfig(schema, { env: { DAVYLAMP_CONFIG: '/does/not/exist.json' } })).toThrow(
    '/does/not/exist.json: expected a readable JSON file',
  );
});
