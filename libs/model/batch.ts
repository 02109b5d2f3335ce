/**
 * Frames on their way from an agent to the bus, several at a time: the body of a request to the gateway. The record
 * of one frame is also what an agent keeps on disk while it waits. services/gateway/README.md has the format byte
 * by byte.
 */

/** A frame as sent: its bytes and the headers that say where it comes from. */
export interface FrameMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

const BATCH_VERSION = 1;
export const MAX_BATCH_FRAMES = 1_000;
export const MAX_BATCH_BYTES = 1_048_576;
const PREFIX_BYTES = 3;
const LENGTH_BYTES = 4;
const MAX_HEADERS = 16;

/**
 * The bytes are not a batch. The same bytes will never be one.
 * It has the shape of the product's other errors, and stands alone because this folder imports nothing.
 */
export class MalformedBatchError extends Error {
  static readonly code = 'DAVYLAMP_MALFORMED_BATCH';
  readonly code = MalformedBatchError.code;
  readonly retryable = false;
  override readonly name = 'MalformedBatchError';
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** @throws RangeError for more than {@link MAX_BATCH_FRAMES} frames or headers beyond their lengths. */
export function encodeBatch(messages: readonly FrameMessage[]): Uint8Array {
  if (messages.length > MAX_BATCH_FRAMES) {
    throw new RangeError(`a batch of ${messages.length} frames: expected at most ${MAX_BATCH_FRAMES}`);
  }
  const records = messages.map(encodeMessage);
  const bytes = new Uint8Array(records.reduce((sum, record) => sum + record.length, PREFIX_BYTES));
  bytes[0] = BATCH_VERSION;
  new DataView(bytes.buffer).setUint16(1, messages.length);
  let at = PREFIX_BYTES;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

/** The payloads are views into `bytes`. @throws MalformedBatchError where the structure is wrong. */
export function decodeBatch(bytes: Uint8Array): readonly FrameMessage[] {
  const reader = new RecordReader(bytes);
  const version = reader.uint(1);
  if (version !== BATCH_VERSION) throw malformed(`version ${version}, expected ${BATCH_VERSION}`);
  const count = reader.uint(2);
  if (count > MAX_BATCH_FRAMES) throw malformed(`${count} frames, expected at most ${MAX_BATCH_FRAMES}`);
  const messages = Array.from({ length: count }, () => reader.message());
  reader.expectEnd();
  return messages;
}

/** One record. @throws RangeError for headers beyond their lengths. */
export function encodeMessage({ headers, payload }: FrameMessage): Uint8Array {
  const fields = Object.entries(headers).map(
    ([name, value]) => [encoder.encode(name), encoder.encode(value)] as const,
  );
  const headerBytes = fields.reduce((sum, [name, value]) => sum + 3 + name.length + value.length, 1);
  const bytes = new Uint8Array(headerBytes + LENGTH_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  bytes[at++] = checked(fields.length, MAX_HEADERS, 'headers');
  for (const [name, value] of fields) {
    bytes[at++] = checked(name.length, 0xff, 'bytes of a header name');
    bytes.set(name, at);
    at += name.length;
    view.setUint16(at, checked(value.length, 0xffff, 'bytes of a header'));
    bytes.set(value, at + 2);
    at += 2 + value.length;
  }
  view.setUint32(at, payload.length);
  bytes.set(payload, at + LENGTH_BYTES);
  return bytes;
}

/** One record, the whole of `bytes`. @throws MalformedBatchError where the structure is wrong. */
export function decodeMessage(bytes: Uint8Array): FrameMessage {
  const reader = new RecordReader(bytes);
  const message = reader.message();
  reader.expectEnd();
  return message;
}

class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  message(): FrameMessage {
    const headers: Record<string, string> = {};
    const count = this.uint(1);
    if (count > MAX_HEADERS) throw malformed(`${count} headers, expected at most ${MAX_HEADERS}`);
    for (let i = 0; i < count; i++) {
      const name = this.#text(this.uint(1));
      headers[name] = this.#text(this.uint(2));
    }
    return { headers, payload: this.#take(this.uint(4)) };
  }

  uint(length: 1 | 2 | 4): number {
    const at = this.#at;
    this.#take(length);
    if (length === 1) return this.#view.getUint8(at);
    return length === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  expectEnd(): void {
    const left = this.#bytes.length - this.#at;
    if (left !== 0) throw malformed(`${left} bytes after the last frame`);
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed(`it ends at byte ${this.#bytes.length}, expected ${end}`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #text(length: number): string {
    const bytes = this.#take(length);
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new MalformedBatchError('a batch of frames: a header is not UTF-8', { cause });
    }
  }
}

function checked(value: number, max: number, what: string): number {
  if (value > max) throw new RangeError(`${value} ${what}: expected at most ${max}`);
  return value;
}

function malformed(detail: string): MalformedBatchError {
  return new MalformedBatchError(`a batch of frames: ${detail}`);
}
