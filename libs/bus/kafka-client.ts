import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs, { type ISocketFactory, type Kafka, type KafkaConfig, type LogEntry } from 'kafkajs';
import { BusUnavailableError, MessageTooLargeError } from '#libs/runtime/errors.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { patchKafkajs } from './kafkajs-patch.ts';

export interface KafkaBusOptions {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Before every topic and group name. */
  readonly prefix: string;
  /** Partitions of topics that name no number. */
  readonly partitions: number;
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly tls?: NonNullable<KafkaConfig['ssl']>;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
  /** A member that is silent for so long loses its partitions. Default 15 s. */
  readonly sessionTimeoutMs?: number;
  /** What a broker may take to answer before the connection counts as broken. Default 8 s. */
  readonly requestTimeoutMs?: number;
  readonly socketFactory?: ISocketFactory;
  readonly log?: Logger;
}

const { CompressionCodecs, CompressionTypes, logLevel } = kafkajs;

/** Longest pause between attempts to reach a broker: one that returns is used again within so long. */
export const MAX_BACKOFF_MS = 5_000;
/** How often kafkajs tries again by itself: with 8 s for an answer, `publish` rejects after at most 33 s. */
export const RETRIES = 3;
const COMPRESSION = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  zstd: CompressionTypes.ZSTD,
} as const;
/** Protocol errors that mean a message, or its batch, is beyond what the topic accepts. */
const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

patchKafkajs();
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: (encoder: { buffer: Buffer }) =>
    compress(encoder.buffer, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  decompress: (bytes: Buffer) => decompress(bytes),
});

/**
 * A kafkajs client. Every consumer needs its own: consumers of one client share a cache of committed offsets, and
 * two members of one group empty it under each other's feet.
 */
export function createClient(options: KafkaBusOptions): Kafka {
  const { brokers, tls, sasl, socketFactory, log } = options;
  return new kafkajs.Kafka({
    clientId: 'davylamp',
    brokers: [...brokers],
    connectionTimeout: 3_000,
    authenticationTimeout: 10_000,
    requestTimeout: options.requestTimeoutMs ?? 8_000,
    retry: {
      initialRetryTime: 100,
      maxRetryTime: MAX_BACKOFF_MS,
      retries: RETRIES,
      factor: 0.2,
      multiplier: 2,
    },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => relay(entry, log),
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(sasl === undefined ? {} : { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
    ...(socketFactory === undefined ? {} : { socketFactory }),
  });
}

export function compressionOf({ compression }: KafkaBusOptions): number {
  return COMPRESSION[compression];
}

/** What kafkajs calls an error is survived here: the ones that matter come back as errors of the port. */
function relay({ level, namespace, log: { message } }: LogEntry, log: Logger | undefined): void {
  if (level === logLevel.ERROR)
    log?.debug({ kafkajs: namespace, problem: message }, 'kafkajs reports an error');
  else log?.trace({ kafkajs: namespace, problem: message }, 'kafkajs warns');
}

/** A failure of kafkajs as an error of the port; our own mistakes stay what they are. */
export function busError(cause: unknown, doing: string): unknown {
  if (cause instanceof TypeError || cause instanceof RangeError || cause instanceof ReferenceError)
    return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const type = cause instanceof Error && 'type' in cause ? String(cause.type) : '';
  return TOO_LARGE.includes(type)
    ? new MessageTooLargeError(`${doing}: the broker accepts less: ${message}`, { cause })
    : new BusUnavailableError(`${doing}: ${message}`, { cause });
}

/** Waits grow from 100 ms to {@link MAX_BACKOFF_MS}. `failures` ≥ 0. */
export function backoffMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, 100 * 2 ** failures);
}
