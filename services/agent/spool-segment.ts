import { closeSync, fdatasyncSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const PREFIX_BYTES = 8;
const FILE_MODE = 0o600;
/** Larger than any record: a length beyond it is damage. */
const MAX_RECORD_BYTES = 1_048_576;

/** A record and where the next one begins. */
export interface SegmentRecord {
  readonly body: Buffer;
  readonly next: number;
}

/** One file of the spool: records of `length u32 | crc32 u32 | body`, little-endian, only ever appended to. */
export class SpoolSegment {
  readonly number: number;
  readonly #path: string;
  readonly #descriptor: number;
  #bytes = 0;
  #records = 0;

  /** Opens or makes the file; what comes after its last whole record is cut off (a crash in the middle of a write). */
  constructor(path: string, number: number, size: number) {
    this.number = number;
    this.#path = path;
    this.#descriptor = openSync(path, size > 0 ? 'r+' : 'w+', FILE_MODE);
    for (let record = this.#recordAt(0, size); record; record = this.#recordAt(record.next, size)) {
      this.#bytes = record.next;
      this.#records += 1;
    }
    if (this.#bytes < size) ftruncateSync(this.#descriptor, this.#bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#records;
  }

  /** @throws ENOSPC and others: nothing of the record remains. */
  append(body: Uint8Array): void {
    const record = Buffer.alloc(PREFIX_BYTES + body.length);
    record.writeUInt32LE(body.length, 0);
    record.writeUInt32LE(crc32(body), 4);
    record.set(body, PREFIX_BYTES);
    try {
      for (let written = 0; written < record.length; ) {
        written += writeSync(
          this.#descriptor,
          record,
          written,
          record.length - written,
          this.#bytes + written,
        );
      }
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#bytes);
      throw error;
    }
    this.#bytes += record.length;
    this.#records += 1;
  }

  /** Records before this offset, counted anew. */
  recordsBefore(offset: number): number {
    let count = 0;
    for (let record = this.#recordAt(0, offset); record; record = this.#recordAt(record.next, offset))
      count += 1;
    return count;
  }

  /** The record that begins at this offset; null at the end, and where the file is damaged. */
  read(offset: number): SegmentRecord | null {
    return this.#recordAt(offset, this.#bytes);
  }

  /** Forgets all records. */
  clear(): void {
    ftruncateSync(this.#descriptor, 0);
    this.#bytes = 0;
    this.#records = 0;
  }

  sync(): void {
    fdatasyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  remove(): void {
    this.close();
    unlinkSync(this.#path);
  }

  #recordAt(offset: number, size: number): SegmentRecord | null {
    const prefix = this.#readExactly(offset, PREFIX_BYTES, size);
    if (prefix === null) return null;
    const length = prefix.readUInt32LE(0);
    if (length > MAX_RECORD_BYTES) return null;
    const body = this.#readExactly(offset + PREFIX_BYTES, length, size);
    if (body === null || crc32(body) !== prefix.readUInt32LE(4)) return null;
    return { body, next: offset + PREFIX_BYTES + length };
  }

  #readExactly(offset: number, length: number, size: number): Buffer | null {
    if (offset + length > size) return null;
    const bytes = Buffer.alloc(length);
    return readSync(this.#descriptor, bytes, 0, length, offset) === length ? bytes : null;
  }
}
