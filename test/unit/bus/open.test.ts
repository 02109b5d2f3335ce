import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type BusSettings, busProblems, busSettings, openBus } from '#libs/bus/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { envName } from '#libs/runtime/env-name.ts';
import { BusUnavailableError, ConfigError } from '#libs/runtime/errors.ts';

const run = promisify(execFile);
const log = pino({ level: 'silent' });
const schema = z.object(busSettings);
const kafka = { bus: 'kafka', kafkaBrokers: 'localhost:9092' } as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-open-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = async (given: z.input<typeof schema>) => {
  const bus = await openBus(schema.parse({ dataDir: folder, ...given }), log);
  await bus.close();
};

test('opens the embedded bus in a folder that it makes, by default', async () => {
  await open({ dataDir: join(folder, 'deep', 'data') });
  await open({});
});

test('reads a list of brokers from the environment', () => {
  const env = { DAVYLAMP_BUS: 'kafka', DAVYLAMP_KAFKA_BROKERS: 'a:1, b:2,' };
  const settings: BusSettings = loadConfig(schema, { env });
  expect(settings.kafkaBrokers).toEqual(['a:1', 'b:2']);
});

test('does not connect to Kafka before it is used', async () => {
  await open({
    ...kafka,
    kafkaBrokers: '192.0.2.1:9092',
    kafkaTls: 'on',
    kafkaSasl: 'plain',
    kafkaUsername: 'u',
    kafkaPassword: 'p',
  });
});

test.each([
  ['no broker', { bus: 'kafka' }, 'kafkaBrokers: expected host:port'],
  [
    'a user without a password',
    { ...kafka, kafkaSasl: 'plain', kafkaUsername: 'u' },
    'kafkaPassword: expected one, because kafkaSasl is plain, got nothing (env DAVYLAMP_KAFKA_PASSWORD)',
  ],
  [
    'a certificate without its key',
    { ...kafka, kafkaTls: 'on', kafkaTlsCertFile: 'c.pem' },
    'kafkaTlsKeyFile: expected that of kafkaTlsCertFile, got nothing',
  ],
  [
    'an absent authority',
    { ...kafka, kafkaTls: 'on', kafkaTlsCaFile: 'absent.pem' },
    'kafkaTlsCaFile: expected a readable PEM file, got "absent.pem"',
  ],
] as const)('refuses %s, before it is opened and when it is', async (_, given, message) => {
  const env = Object.fromEntries(Object.entries(given).map(([key, value]) => [envName(key), value]));
  expect(() => loadConfig(schema, { env }, busProblems)).toThrow(message);
  await expect(open(given)).rejects.toThrow(ConfigError);
});

test('names all that does not fit together at once', () => {
  const env = {
    DAVYLAMP_BUS: 'kafka',
    DAVYLAMP_KAFKA_TLS: 'on',
    DAVYLAMP_KAFKA_TLS_KEY_FILE: 'absent.pem',
    DAVYLAMP_KAFKA_SASL: 'plain',
  };
  expect(() => loadConfig(schema, { env }, busProblems)).toThrow(
    /5 problem[\s\S]*kafkaBrokers[\s\S]*kafkaTlsCertFile[\s\S]*kafkaTlsKeyFile[\s\S]*kafkaUsername[\s\S]*kafkaPassword/,
  );
});

test('does not hold the client of Kafka where the log is embedded', async () => {
  const script = `
    const { openBus } = await import('#libs/bus/open.ts');
    const bus = await openBus({ bus: 'embedded', dataDir: ${JSON.stringify(folder)}, busPartitions: 1 }, {});
    await bus.close();
    const { createRequire } = await import('node:module');
    const loaded = Object.keys(createRequire(process.cwd() + '/').cache);
    process.stdout.write(String(loaded.filter((path) => path.includes('/kafkajs/')).length));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toBe('0');
});

test('refuses a log file that is none', async () => {
  writeFileSync(
    join(folder, 'bus.db'),
    'this is a text of some length, and no database file at all'.repeat(20),
  );
  await expect(open({})).rejects.toThrow(BusUnavailableError);
});

test.each([
  ['busPartitions', '0'],
  ['busPartitions', 'many'],
  ['busPrefix', 'a b'],
  ['bus', 'rabbit'],
  ['kafkaCompression', 'snappy'],
])('refuses %s=%s at start', (key, value) => {
  expect(schema.safeParse({ [key]: value }).success).toBe(false);
});
