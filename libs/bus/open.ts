import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '#libs/runtime/errors.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { createKafkaBus } from './kafka.ts';
import type { KafkaBusOptions } from './kafka-client.ts';
import type { Bus } from './port.ts';
import { createSqliteBus } from './sqlite.ts';

const list = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** The settings of the bus, to spread into a service's schema. */
export const busSettings = {
  dataDir: z.string().min(1, 'expected a folder').default('./data'),
  bus: z.enum(['embedded', 'kafka'], 'expected embedded or kafka').default('embedded'),
  /** Partitions of a topic when it is created; an existing topic keeps its own. */
  busPartitions: z.coerce
    .number('expected 1..1024')
    .int('expected 1..1024')
    .min(1, 'expected 1..1024')
    .max(1024, 'expected 1..1024')
    .default(12),
  /** Before the names of topics and groups on a shared Kafka. */
  busPrefix: z
    .string()
    .regex(/^[\w.-]*$/, 'expected letters, digits, ".", "_" and "-"')
    .default('davylamp.'),
  /** `host:port`, separated by commas. */
  kafkaBrokers: z.string().default('').transform(list),
  kafkaCompression: z.enum(['none', 'gzip', 'zstd'], 'expected none, gzip or zstd').default('none'),
  kafkaTls: z.enum(['off', 'on'], 'expected off or on').default('off'),
  /** PEM files. Without the first the system's authorities count; the others are a client's certificate. */
  kafkaTlsCaFile: z.string().optional(),
  kafkaTlsCertFile: z.string().optional(),
  kafkaTlsKeyFile: z.string().optional(),
  kafkaSasl: z
    .enum(
      ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
      'expected none, plain, scram-sha-256 or scram-sha-512',
    )
    .default('none'),
  kafkaUsername: z.string().optional(),
  kafkaPassword: z.string().optional(),
};

export type BusSettings = z.output<z.ZodObject<typeof busSettings>>;

/**
 * Opens the bus that the settings name. Kafka is not connected to before it is used.
 * @throws ConfigError if settings that belong together are not all there.
 * @throws BusUnavailableError if the log file cannot be opened.
 */
export async function openBus(settings: BusSettings, log: Logger): Promise<Bus> {
  if (settings.bus === 'kafka') return createKafkaBus(kafkaOptions(settings, log));
  return createSqliteBus({
    path: join(settings.dataDir, 'bus.db'),
    partitions: settings.busPartitions,
    failed: (err) => log.warn({ err }, 'the log file failed; going on'),
  });
}

function kafkaOptions(settings: BusSettings, log: Logger): KafkaBusOptions {
  if (settings.kafkaBrokers.length === 0) {
    throw new ConfigError('kafkaBrokers: expected host:port of at least one broker, because bus is kafka');
  }
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
  if ((kafkaTlsCertFile === undefined) !== (kafkaTlsKeyFile === undefined)) {
    throw new ConfigError('kafkaTlsCertFile, kafkaTlsKeyFile: expected both or none');
  }
  return {
    ...pem('ca', 'kafkaTlsCaFile', kafkaTlsCaFile),
    ...pem('cert', 'kafkaTlsCertFile', kafkaTlsCertFile),
    ...pem('key', 'kafkaTlsKeyFile', kafkaTlsKeyFile),
  };
}

function pem(option: string, setting: string, path: string | undefined): Record<string, string> {
  if (path === undefined) return {};
  try {
    return { [option]: readFileSync(path, 'utf8') };
  } catch (cause) {
    throw new ConfigError(`${setting}: expected a readable PEM file, got ${path}`, { cause });
  }
}

function saslOf({ kafkaSasl, kafkaUsername, kafkaPassword }: BusSettings): KafkaBusOptions['sasl'] {
  if (kafkaSasl === 'none') return undefined;
  if (!kafkaUsername || !kafkaPassword) {
    throw new ConfigError(`kafkaUsername, kafkaPassword: expected both, because kafkaSasl is ${kafkaSasl}`);
  }
  return { mechanism: kafkaSasl, username: kafkaUsername, password: kafkaPassword };
}
