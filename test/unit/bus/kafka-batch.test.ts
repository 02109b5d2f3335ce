import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BatchMessage, encodeBatch } from '#libs/bus/kafka-batch.ts';

/** kafkajs' own encoder and decoder: the oracle. */
const load = createRequire(import.meta.url);
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0') as (of: object) => unknown;
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (of: object) => Promise<{ buffer: Buffer }>;
};

const TIME_MS = 1_790_000_000_123;
const origin = { producerId: 4_294_967_301n, producerEpoch: 7, firstSequence: 99, timestampMs: TIME_MS };
const none = { type: 0, compress: (records: Buffer) => Promise.resolve(records) };

async function byKafkajs(messages: readonly BatchMessage[]): Promise<Buffer> {
  const batch = await RecordBatch({
    compression: 0,
    records: messages.map((message, offsetDelta) => encodeRecord({ ...message, offsetDelta })),
    firstTimestamp: TIME_MS,
    maxTimestamp: TIME_MS,
    producerId: origin.producerId.toString(),
    producerEpoch: origin.producerEpoch,
    firstSequence: origin.firstSequence,
    lastOffsetDelta: messages.length - 1,
  });
  return batch.buffer;
}

const text = fc.string({ unit: 'grapheme', maxLength: 90 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((part) => Buffer.from(part));
const message = fc.record({
  key: fc.option(text),
  value: fc.oneof(bytes, text, fc.constant(null)),
  headers: fc.dictionary(text, fc.oneof(text, bytes, fc.array(text, { minLength: 1, maxLength: 3 })), {
    maxKeys: 4,
  }),
});

test('writes the same bytes as kafkajs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 80 }), async (messages) => {
      expect((await encodeBatch(messages, origin, none)).equals(await byKafkajs(messages))).toBe(true);
    }),
  );
});

test('writes the same bytes as kafkajs beyond the lengths of one and two varint bytes', async () => {
  const messages = Array.from({ length: 9_000 }, (_, index) => ({
    key: 'k'.repeat(index % 200),
    value: Buffer.alloc(index % 8_000 === 0 ? 20_000 : 1, index),
  }));
  expect((await encodeBatch(messages, origin, none)).equals(await byKafkajs(messages))).toBe(true);
});
