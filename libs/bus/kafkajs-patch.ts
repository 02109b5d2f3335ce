import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import { type BatchMessage, type Codec, encodeBatch } from './kafka-batch.ts';

/** The version whose source the patches were written against: https://github.com/tulios/kafkajs/tree/v2.2.4/src */
const PATCHED_VERSION = '2.2.4';
/** What kafkajs waits when a request is queued without throttling. */
const CHECK_PENDING_MS = 10;
/** Produce requests from this version on carry record batches, and have one layout up to the last that kafkajs knows. */
const RECORD_BATCH_VERSION = 3;

/** src/network/requestQueue/index.js, one per connection: what the patch touches. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

/** src/broker/index.js. */
interface Broker {
  lookupRequest(apiKey: number, definition: unknown): (of: ProduceRequest) => Call;
  produce(of: ProduceRequest): Promise<unknown>;
}
interface Call {
  readonly request: { readonly apiVersion: number; readonly encode: () => Promise<unknown> };
  readonly response: unknown;
}
interface ProduceRequest {
  readonly transactionalId?: string | null;
  readonly acks: number;
  readonly timeout: number;
  readonly compression: number;
  readonly producerId: { toString(): string };
  readonly producerEpoch: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly BatchMessage[];
    }[];
  }[];
}

/**
 * Mends kafkajs 2.2.4 where it costs most. Calling it again changes nothing.
 *
 * - Its request queue looks for queued requests every millisecond, on every connection, even when nothing is queued:
 *   2–5 % of a core for an idle producer. A timer is needed only while something is queued: `push` arms one, and
 *   every answer looks at the queue as well (`fulfillRequest`).
 * - Its encoder makes a zeroed buffer for every record and every header, and a checksum a byte a step: records are
 *   encoded by {@link encodeBatch} instead, in a third of the time.
 * @throws Error if another version of kafkajs is installed: read its source first.
 */
export function patchKafkajs(): void {
  const load = createRequire(import.meta.url);
  const { version } = load('kafkajs/package.json') as { version: string };
  if (version !== PATCHED_VERSION) {
    throw new Error(`kafkajs ${version} is installed; the patches are for ${PATCHED_VERSION}`);
  }
  const queue = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  queue.prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests;

  const { prototype } = load('kafkajs/src/broker') as { prototype: Broker };
  const { Produce: apiKey } = load('kafkajs/src/protocol/requests/apiKeys') as { Produce: number };
  const { requests } = load('kafkajs/src/protocol/requests') as { requests: { Produce: unknown } };
  const send = privateMethod(prototype, 'private:Broker:sendRequest');
  prototype.produce = function (this: Broker, of) {
    const { request, response } = this.lookupRequest(apiKey, requests.Produce)(of);
    if (request.apiVersion < RECORD_BATCH_VERSION) return send.call(this, { request, response });
    return send.call(this, { request: { ...request, encode: () => encodeProduce(of) }, response });
  };
}

function privateMethod(prototype: object, name: string): (this: unknown, call: Call) => Promise<unknown> {
  const symbol = Object.getOwnPropertySymbols(prototype).find(({ description }) => description === name);
  const method = symbol && (prototype as Record<symbol, unknown>)[symbol];
  if (typeof method !== 'function') throw new Error(`kafkajs ${PATCHED_VERSION} has ${name}`);
  return method as (this: unknown, call: Call) => Promise<unknown>;
}

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_PENDING_MS,
  );
}

/** transactional_id acks timeout [topic [partition record_set]], in the shape of kafkajs' Encoder. */
async function encodeProduce(of: ProduceRequest): Promise<{ buf: Buffer; buffer: Buffer }> {
  const id = of.transactionalId === undefined || of.transactionalId === null ? null : of.transactionalId;
  const parts = [id === null ? int16(-1) : string16(id), int16(of.acks), int32(of.timeout)];
  parts.push(int32(of.topicData.length));
  const codec = codecOf(of.compression);
  for (const { topic, partitions } of of.topicData) {
    parts.push(string16(topic), int32(partitions.length));
    for (const { partition, firstSequence, messages } of partitions) {
      const origin = {
        producerId: BigInt(of.producerId.toString()),
        producerEpoch: of.producerEpoch,
        firstSequence,
        timestampMs: Date.now(),
      };
      const batch = await encodeBatch(messages, origin, codec);
      parts.push(int32(partition), int32(batch.length), batch);
    }
  }
  const buffer = Buffer.concat(parts);
  return { buf: buffer, buffer };
}

function codecOf(type: number): Codec {
  if (type === kafkajs.CompressionTypes.None)
    return { type, compress: (records) => Promise.resolve(records) };
  const codec = kafkajs.CompressionCodecs[type as keyof typeof kafkajs.CompressionCodecs]() as {
    compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  };
  return { type, compress: (buffer) => codec.compress({ buffer }) };
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string16(text: string): Buffer {
  return Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)]);
}
