import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Problem } from '#libs/runtime/config.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { choice, dataDirSetting, filledText, wholeNumber } from '#libs/runtime/settings.ts';
import type { KafkaBusOptions } from './kafka-client.ts';
import type { Bus } from './port.ts';

const PEM_EXPECTED = 'expected a readable PEM file';
const BROKERS_EXPECTED = 'expected host:port of at least one broker, because bus is kafka';

const list = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** The settings of the bus, to spread into a service's schema. */
export const busSettings = {
  ...dataDirSetting,
  bus: choice(['embedded', 'kafka']).default('embedded').describe('Which bus carries the messages.'),
  busPartitions: wholeNumber(1, 1024)
    .default(12)
    .describe('Partitions of a topic when it is created; an existing topic keeps its own.'),
  busPrefix: z
    .string('expected a text')
    .regex(/^[\w.-]*$/, 'expected letters, digits, ".", "_" and "-"')
    .default('davylamp.')
    .describe('Begins the names of topics and groups on a shared Kafka.'),
  kafkaBrokers: z
    .string('expected host:port, separated by commas')
    .default('')
    .transform(list)
    .describe('Brokers to begin with, `host:port`, separated by commas.'),
  kafkaCompression: choice(['none', 'gzip', 'zstd'])
    .default('none')
    .describe('How messages to Kafka are compressed.'),
  kafkaTls: choice(['off', 'on']).default('off').describe('Whether connections to Kafka are encrypted.'),
  kafkaTlsCaFile: filledText(PEM_EXPECTED)
    .optional()
    .describe("PEM file of Kafka's authority; unset: the system's authorities count."),
  kafkaTlsCertFile: filledText(PEM_EXPECTED)
    .optional()
    .describe('PEM file of the certificate that clients of Kafka show; unset: none.'),
  kafkaTlsKeyFile: filledText(PEM_EXPECTED).optional().describe('PEM file of the key of that certificate.'),
  kafkaSasl: choice(['none', 'plain', 'scram-sha-256', 'scram-sha-512'])
    .default('none')
    .describe('How clients log in to Kafka.'),
  kafkaUsername: z.string('expected a text').optional().describe('User of that log-in.'),
  kafkaPassword: z
    .string('expected a text')
    .optional()
    .meta({ description: 'Password of that log-in.', secret: true }),
};

export type BusSettings = z.output<z.ZodObject<typeof busSettings>>;

/** Loaded only where it is named: the client of Kafka is larger than everything else of a small process. */
export const BUS_ADAPTERS = { embedded: () => import('./sqlite.ts'), kafka: () => import('./kafka.ts') };

/** What of the settings does not fit together, and which of their files cannot be read. */
export function busProblems(settings: BusSettings): readonly Problem[] {
  if (settings.bus !== 'kafka') return [];
  return [
    ...(settings.kafkaBrokers.length > 0 ? [] : [problem('kafkaBrokers', BROKERS_EXPECTED)]),
    ...(settings.kafkaTls === 'on' ? tlsProblems(settings) : []),
    ...(settings.kafkaSasl === 'none' ? [] : loginProblems(settings)),
  ];
}

/**
 * Opens the bus that the settings name. Kafka is not connected to before it is used.
 * @throws ConfigError for the first of `busProblems`.
 * @throws BusUnavailableError if the log file cannot be opened.
 */
export async function openBus(settings: BusSettings, log: Logger): Promise<Bus> {
  const [first] = busProblems(settings);
  if (first) throw new ConfigError(`${first.key}: ${first.message}`);
  if (settings.bus === 'kafka') {
    const { createKafkaBus } = await BUS_ADAPTERS.kafka();
    return createKafkaBus(kafkaOptions(settings, log));
  }
  const { createSqliteBus } = await BUS_ADAPTERS.embedded();
  return createSqliteBus({
    path: join(settings.dataDir, 'bus.db'),
    partitions: settings.busPartitions,
    failed: (err) => log.warn({ err }, 'the log file failed; going on'),
  });
}

function problem(key: keyof BusSettings, message: string): Problem {
  return { key, message };
}

function tlsProblems(settings: BusSettings): readonly Problem[] {
  const { kafkaTlsCertFile: cert, kafkaTlsKeyFile: key } = settings;
  const files = ['kafkaTlsCaFile', 'kafkaTlsCertFile', 'kafkaTlsKeyFile'] as const;
  return [
    ...(cert !== undefined && key === undefined
      ? [problem('kafkaTlsKeyFile', 'expected that of kafkaTlsCertFile')]
      : []),
    ...(cert === undefined && key !== undefined
      ? [problem('kafkaTlsCertFile', 'expected that of kafkaTlsKeyFile')]
      : []),
    ...files.filter((file) => isUnreadable(settings[file])).map((file) => problem(file, PEM_EXPECTED)),
  ];
}

function isUnreadable(path: string | undefined): boolean {
  try {
    if (path !== undefined) readFileSync(path);
    return false;
  } catch {
    return true;
  }
}

function loginProblems(settings: BusSettings): readonly Problem[] {
  const missing = (['kafkaUsername', 'kafkaPassword'] as const).filter((key) => !settings[key]);
  return missing.map((key) => problem(key, `expected one, because kafkaSasl is ${settings.kafkaSasl}`));
}

function kafkaOptions(settings: BusSettings, log: Logger): KafkaBusOptions {
  const sasl = saslOf(settings);
  return {
    brokers: settings.kafkaBrokers,
    prefix: settings.busPrefix,
    partitions: settings.busPartitions,
    compression: settings.kafkaCompression,
    log,
    ...(settings.kafkaTls === 'on' ? { tls: tlsOf(settings) } : {}),
    ...(sasl ? { sasl } : {}),
  };
}

function tlsOf({ kafkaTlsCaFile, kafkaTlsCertFile, kafkaTlsKeyFile }: BusSettings) {
  return { ...pem('ca', kafkaTlsCaFile), ...pem('cert', kafkaTlsCertFile), ...pem('key', kafkaTlsKeyFile) };
}

function pem(option: string, path: string | undefined): Record<string, string> {
  return path === undefined ? {} : { [option]: readFileSync(path, 'utf8') };
}

function saslOf({ kafkaSasl, kafkaUsername = '', kafkaPassword = '' }: BusSettings): KafkaBusOptions['sasl'] {
  if (kafkaSasl === 'none') return undefined;
  return { mechanism: kafkaSasl, username: kafkaUsername, password: kafkaPassword };
}
