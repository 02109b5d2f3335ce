import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMessage, encodeMessage, type FrameMessage } from '#libs/model/batch.ts';
import { SpoolSegment } from './spool-segment.ts';

const SEGMENT_BYTES = 1_048_576;
/** The oldest of so many segments goes when the spool is full. */
const SEGMENTS_AT_LEAST = 4;
const SEGMENT_NAME = /^(\d{12})\.frames$/;
/** While the disk takes nothing, the newest frames are kept in memory: an hour at one in 10 s. */
const OVERFLOW_FRAMES = 360;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** The oldest frames that wait. Handed back to `acknowledge` once they have arrived. */
export interface SpoolBatch {
  readonly messages: readonly FrameMessage[];
  /** Where the next one begins; null: the frames are in memory. */
  readonly end: Position | null;
}

/**
 * Frames that wait to be sent, on disk, oldest first. Every frame is appended before it is sent and removed after it
 * has arrived; what a killed process left is sent first by the next one. When it is full, the oldest segment goes.
 *
 * Files: `<number>.frames`, at most 1 MiB each, and `sent`, how far the first of them has arrived. A kill loses
 * nothing that was appended, since the kernel has it. A power cut may lose what was not yet on the disk: `sync` writes
 * it there, and its caller decides how often.
 */
export class Spool {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #segments: SpoolSegment[] = [];
  readonly #overflow: FrameMessage[] = [];
  /** Offset in the first segment of the oldest frame that waits, and how many are before it. */
  #offset = 0;
  #sent = 0;
  #dropped = 0;
  #diskFailures = 0;

  /** @param maxBytes bound of the files together. @throws EACCES, ENOSPC and others if the folder cannot be used. */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#segmentBytes = Math.min(SEGMENT_BYTES, Math.floor(maxBytes / SEGMENTS_AT_LEAST));
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    this.#recover();
  }

  /** Frames that wait. */
  get waiting(): number {
    return (
      this.#segments.reduce((sum, segment) => sum + segment.records, 0) - this.#sent + this.#overflow.length
    );
  }

  /** Frames lost because the spool was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Acts that the disk refused; frames that it did not take are kept in memory. */
  get diskFailures(): number {
    return this.#diskFailures;
  }

  append(message: FrameMessage): void {
    // Once frames are in memory the newer ones follow them there, or they would overtake.
    if (this.#overflow.length > 0) this.#keepInMemory(message);
    else this.#appendToDisk(message);
  }

  /** The oldest frames that wait: at most so many, and bytes unless the first alone is larger. Null: none waits. */
  peek(maxFrames: number, maxBytes: number): SpoolBatch | null {
    const segment = this.#segments[0];
    if (segment === undefined || this.#sent === segment.records) return this.#peekMemory(maxFrames);
    const messages: FrameMessage[] = [];
    let offset = this.#offset;
    for (let bytes = 0; messages.length < maxFrames; ) {
      const record = segment.read(offset);
      if (record === null) break;
      bytes += record.body.length;
      if (messages.length > 0 && bytes > maxBytes) break;
      messages.push(decodeMessage(record.body));
      offset = record.next;
    }
    return { messages, end: { segment: segment.number, offset } };
  }

  /** Removes a batch: it has arrived, or can never arrive. One whose segment was dropped meanwhile changes nothing. */
  acknowledge({ messages, end }: SpoolBatch): void {
    if (end === null) {
      this.#overflow.splice(0, messages.length);
      return;
    }
    const segment = this.#segments[0];
    if (segment?.number !== end.segment) return;
    this.#sent += messages.length;
    this.#offset = end.offset;
    // Nothing could be read where frames should be: the rest of the file is damaged.
    if (messages.length === 0) this.#dropped += segment.records - this.#sent;
    if (this.#sent < segment.records && messages.length > 0) this.#rememberSent(end);
    else this.#finishSegment(segment);
  }

  /** Counts frames that were removed without having arrived. */
  discarded(frames: number): void {
    this.#dropped += frames;
  }

  /** Puts what was appended on the disk itself. */
  sync(): void {
    this.#survive(() => this.#segments.at(-1)?.sync());
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
    this.#segments.length = 0;
  }

  #appendToDisk(message: FrameMessage): void {
    const body = encodeMessage(message);
    if (!this.#survive(() => this.#segmentFor(body.length).append(body))) this.#keepInMemory(message);
  }

  #segmentFor(bytes: number): SpoolSegment {
    const last = this.#segments.at(-1);
    if (last && last.bytes + bytes <= this.#segmentBytes) return last;
    while (this.#segments.length > 1 && this.#diskBytes() + this.#segmentBytes > this.#maxBytes)
      this.#dropOldest();
    last?.sync();
    const segment = this.#openSegment((last?.number ?? 0) + 1, 0);
    this.#segments.push(segment);
    return segment;
  }

  #diskBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  #dropOldest(): void {
    const [segment] = this.#segments.splice(0, 1);
    if (segment === undefined) return;
    this.#dropped += segment.records - this.#sent;
    this.#startNext();
    this.#survive(() => segment.remove());
  }

  #keepInMemory(message: FrameMessage): void {
    this.#overflow.push(message);
    if (this.#overflow.length <= OVERFLOW_FRAMES) return;
    this.#overflow.shift();
    this.#dropped += 1;
  }

  #peekMemory(maxFrames: number): SpoolBatch | null {
    const messages = this.#overflow.slice(0, maxFrames);
    return messages.length === 0 ? null : { messages, end: null };
  }

  /** The last segment stays open and empty, so that one frame at a time costs no new file. */
  #finishSegment(segment: SpoolSegment): void {
    this.#startNext();
    // In this order: a position that outlived its records would hide new ones.
    const cleared = this.#survive(() => {
      rmSync(join(this.#folder, 'sent'), { force: true });
      if (this.#segments.length === 1) segment.clear();
    });
    if (cleared && this.#segments.length === 1) return;
    this.#segments.shift();
    this.#survive(() => segment.remove());
  }

  #startNext(): void {
    this.#offset = 0;
    this.#sent = 0;
  }

  /** Without it a kill would only have more frames sent twice. */
  #rememberSent({ segment, offset }: Position): void {
    const path = join(this.#folder, 'sent');
    this.#survive(() => {
      writeFileSync(`${path}.new`, `${segment} ${offset}\n`, { mode: FILE_MODE });
      renameSync(`${path}.new`, path);
    });
  }

  /** A disk that is full or broken must not end the sampling. @returns false if it was. */
  #survive(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      this.#diskFailures += 1;
      return false;
    }
  }

  #recover(): void {
    const numbers = readdirSync(this.#folder).flatMap((name) => {
      const digits = SEGMENT_NAME.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    });
    for (const number of numbers.sort((a, b) => a - b)) {
      this.#segments.push(this.#openSegment(number, statSync(this.#path(number)).size));
    }
    const first = this.#segments[0];
    if (first === undefined) rmSync(join(this.#folder, 'sent'), { force: true });
    const sent = this.#readSent();
    if (first === undefined || sent?.segment !== first.number || sent.offset > first.bytes) return;
    this.#offset = sent.offset;
    this.#sent = first.recordsBefore(sent.offset);
    if (this.#sent === first.records) this.#finishSegment(first);
  }

  #readSent(): Position | null {
    try {
      const [segment, offset] = readFileSync(join(this.#folder, 'sent'), 'latin1').split(' ').map(Number);
      return { segment: segment ?? 0, offset: offset ?? 0 };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  #openSegment(number: number, size: number): SpoolSegment {
    return new SpoolSegment(this.#path(number), number, size);
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(12, '0')}.frames`);
  }
}
