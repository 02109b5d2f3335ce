import { MalformedFrameError } from './malformed.ts';
import { BYTES, FIXED32, FIXED64, GROUP_END, GROUP_START, MAX_FRAME_BYTES, VARINT } from './wire.ts';

/** A varint that starts at the last byte reads up to nine bytes of nothing before the bound is checked. */
const SLACK_BYTES = 16;
/** Deeper nesting of unknown groups is an attack. */
const MAX_GROUP_DEPTH = 32;

/**
 * Reads protobuf from a buffer of its own, into which every frame is copied: one fixed buffer and view keep the
 * machine code monomorphic, nothing is allocated, and no caller's buffer is kept alive. Behind the frame lie two
 * areas of the same size for values that arrive in more than one piece.
 */
export class WireReader {
  readonly bytes = new Uint8Array(3 * (MAX_FRAME_BYTES + SLACK_BYTES));
  readonly view = new DataView(this.bytes.buffer);
  /** Where the two areas behind the frame begin. */
  static readonly gaugeArea = MAX_FRAME_BYTES + SLACK_BYTES;
  static readonly counterArea = 2 * (MAX_FRAME_BYTES + SLACK_BYTES);
  at = 0;

  /** Copies a frame in and returns its end. */
  load(frame: Uint8Array): number {
    if (frame.length > MAX_FRAME_BYTES) {
      throw new MalformedFrameError(
        'oversized',
        `${frame.length} bytes, expected at most ${MAX_FRAME_BYTES}`,
      );
    }
    this.bytes.set(frame);
    this.at = 0;
    return frame.length;
  }

  /** The low 32 bits of a varint, as protobuf reads uint32 and enums. */
  uint32(end: number): number {
    const first = this.bytes[this.at]!;
    if (first < 0x80 && this.at < end) {
      this.at++;
      return first;
    }
    return this.#longUint32(end);
  }

  /** A field's tag: a varint of 32 bits and no more, as the generated code has it. */
  tag(end: number): number {
    const start = this.at;
    const value = this.uint32(end);
    const length = this.at - start;
    if (length > 5 || (length === 5 && this.bytes[start + 4]! > 0x0f)) {
      throw new MalformedFrameError('bad varint', `a tag of more than 32 bits before offset ${this.at}`);
    }
    return value;
  }

  #longUint32(end: number): number {
    let result = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.at++]!;
      if (shift < 32) result |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#within(end);
        return result >>> 0;
      }
    }
    this.#within(end);
    throw new MalformedFrameError('bad varint', `more than 10 bytes before offset ${this.at}`);
  }

  /** A varint as a number: exact up to 2^53 - 1, and larger than that where the varint is. */
  uint(end: number): number {
    const { bytes } = this;
    let at = this.at;
    let result = 0;
    let scale = 1;
    for (let part = 0; part < 3; part++) {
      // Four bytes at a time stay within small integers; the third time two are left.
      let low = 0;
      for (let shift = 0; shift < (part === 2 ? 14 : 28); shift += 7) {
        const byte = bytes[at++]!;
        low |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
          this.at = at;
          this.#within(end);
          return result + low * scale;
        }
      }
      result += low * scale;
      scale *= 0x1000_0000;
    }
    this.at = at;
    this.#within(end);
    throw new MalformedFrameError('bad varint', `more than 10 bytes before offset ${at}`);
  }

  /** Reads the length of a length-delimited field and returns where it ends. */
  field(end: number): number {
    const fieldEnd = this.uint32(end) + this.at;
    if (fieldEnd > end) throw this.truncated(fieldEnd, end);
    return fieldEnd;
  }

  /** Passes over a number of bytes and returns where they end. */
  pass(count: number, end: number): number {
    this.at += count;
    this.#within(end);
    return this.at;
  }

  float(end: number): number {
    this.at += 4;
    this.#within(end);
    return this.view.getFloat32(this.at - 4, true);
  }

  double(end: number): number {
    this.at += 8;
    this.#within(end);
    return this.view.getFloat64(this.at - 8, true);
  }

  /**
   * Passes over a field that nobody here knows.
   * @param known number of the highest field that is known: a known field comes here only in a wrong wire type.
   */
  skip(tag: number, end: number, known: number): void {
    this.checkUnknown(tag, known);
    const open: number[] = [];
    this.#skipOne(tag, end, open);
    while (open.length > 0) this.#skipOne(this.tag(end), end, open);
  }

  /** @throws MalformedFrameError for a known field, whose wire type is wrong if it is asked here, and field 0. */
  checkUnknown(tag: number, known: number): void {
    if (tag >>> 3 <= known) throw this.#badTag(tag);
  }

  /** @param open numbers of the groups that are open, outermost first. */
  #skipOne(tag: number, end: number, open: number[]): void {
    const number = tag >>> 3;
    const type = tag & 7;
    if (type === VARINT) this.uint32(end);
    else if (type === FIXED64) this.pass(8, end);
    else if (type === BYTES) this.at = this.field(end);
    else if (type === FIXED32) this.pass(4, end);
    else if (type === GROUP_START && open.length < MAX_GROUP_DEPTH) open.push(number);
    else if (type !== GROUP_END || open.pop() !== number) throw this.#badTag(tag);
    if (number === 0) throw this.#badTag(tag);
  }

  #badTag(tag: number): MalformedFrameError {
    const detail = `field ${tag >>> 3} as wire type ${tag & 7} before offset ${this.at}`;
    return new MalformedFrameError('bad tag', detail);
  }

  #within(end: number): void {
    if (this.at > end) throw this.truncated(this.at, end);
  }

  truncated(needed: number, end: number): MalformedFrameError {
    return new MalformedFrameError(
      'truncated',
      `a field reaches to offset ${needed}, its message ends at ${end}`,
    );
  }
}
