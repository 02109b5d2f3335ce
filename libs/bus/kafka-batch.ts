import { crc32c } from './crc32c.ts';

/** A message as kafkajs' producer holds it. */
export interface BatchMessage {
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

export interface BatchOrigin {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly timestampMs: number;
}

export interface Codec {
  /** Kafka's number of it: 0 none, 1 gzip, 4 zstd. */
  readonly type: number;
  readonly compress: (records: Buffer) => Promise<Buffer>;
}

/** Bytes before the records, and where its fields are: https://kafka.apache.org/documentation/#recordbatch */
const HEADER_BYTES = 61;
const AT = {
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
} as const;
const AFTER_TIMES = { producerId: 43, producerEpoch: 51, firstSequence: 53, count: 57 } as const;
const MAGIC = 2;

/** One record batch, format 2, with all records of one time, as a broker takes it. */
export async function encodeBatch(
  messages: readonly BatchMessage[],
  origin: BatchOrigin,
  codec: Codec,
): Promise<Buffer> {
  const sizes = messages.map((message, index) => recordBytes(message, index));
  const total = sizes.reduce((sum, size) => sum + sizeOfVarint(size) + size, 0);
  const plain = Buffer.allocUnsafe(HEADER_BYTES + total);
  let at = HEADER_BYTES;
  messages.forEach((message, index) => {
    at = writeRecord(plain, at, message, index, sizes[index] ?? 0);
  });
  const batch = codec.type === 0 ? plain : await compressed(plain, codec);
  batch.fill(0, 0, HEADER_BYTES);
  batch.writeInt32BE(batch.length - AT.length - 4, AT.length);
  batch.writeInt8(MAGIC, AT.magic);
  batch.writeInt16BE(codec.type, AT.attributes);
  batch.writeInt32BE(messages.length - 1, AT.lastOffsetDelta);
  batch.writeBigInt64BE(BigInt(origin.timestampMs), AT.firstTimestamp);
  batch.writeBigInt64BE(BigInt(origin.timestampMs), AT.firstTimestamp + 8);
  batch.writeBigInt64BE(origin.producerId, AFTER_TIMES.producerId);
  batch.writeInt16BE(origin.producerEpoch, AFTER_TIMES.producerEpoch);
  batch.writeInt32BE(origin.firstSequence, AFTER_TIMES.firstSequence);
  batch.writeInt32BE(messages.length, AFTER_TIMES.count);
  batch.writeUInt32BE(crc32c(batch.subarray(AT.attributes)), AT.crc);
  return batch;
}

async function compressed(plain: Buffer, codec: Codec): Promise<Buffer> {
  const records = await codec.compress(plain.subarray(HEADER_BYTES));
  return Buffer.concat([plain.subarray(0, HEADER_BYTES), records]);
}

/** Of the record without its own length. Two bytes are attributes and the time's difference, both 0. */
function recordBytes({ key, value, headers }: BatchMessage, offsetDelta: number): number {
  let bytes = 2 + sizeOfVarint(offsetDelta) + sizeOfBytes(key) + sizeOfBytes(value);
  let count = 0;
  for (const name in headers) {
    for (const of of valuesOf(headers[name])) {
      bytes += sizeOfBytes(name) + sizeOfBytes(of);
      count++;
    }
  }
  return bytes + sizeOfVarint(count);
}

function writeRecord(
  into: Buffer,
  start: number,
  { key, value, headers }: BatchMessage,
  offsetDelta: number,
  size: number,
): number {
  let at = writeVarint(into, start, size);
  into[at++] = 0;
  into[at++] = 0;
  at = writeVarint(into, at, offsetDelta);
  at = writeBytes(into, at, key);
  at = writeBytes(into, at, value);
  let count = 0;
  for (const name in headers) count += valuesOf(headers[name]).length;
  at = writeVarint(into, at, count);
  for (const name in headers) {
    for (const of of valuesOf(headers[name])) {
      at = writeBytes(into, at, name);
      at = writeBytes(into, at, of);
    }
  }
  return at;
}

/** A header may be repeated; almost all are not. */
function valuesOf(of: Buffer | string | (Buffer | string)[] | undefined): readonly (Buffer | string)[] {
  if (of === undefined) return [];
  return Array.isArray(of) ? of : [of];
}

function lengthOf(bytes: Buffer | string): number {
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
}

function sizeOfBytes(bytes: Buffer | string | null | undefined): number {
  if (bytes === null || bytes === undefined) return 1;
  const length = lengthOf(bytes);
  return sizeOfVarint(length) + length;
}

function writeBytes(into: Buffer, start: number, bytes: Buffer | string | null | undefined): number {
  if (bytes === null || bytes === undefined) return writeVarint(into, start, -1);
  const at = writeVarint(into, start, lengthOf(bytes));
  if (typeof bytes === 'string') return at + into.write(bytes, at);
  into.set(bytes, at);
  return at + bytes.length;
}

/** Zigzag; `value` within 31 bits. */
function sizeOfVarint(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 7;
  let size = 1;
  for (; rest > 0; rest >>>= 7) size++;
  return size;
}

function writeVarint(into: Buffer, start: number, value: number): number {
  let at = start;
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest > 0x7f; rest >>>= 7) into[at++] = (rest & 0x7f) | 0x80;
  into[at++] = rest;
  return at;
}
