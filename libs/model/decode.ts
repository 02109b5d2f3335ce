import { ENTITY_KINDS, LAYOUTS } from './catalogue.ts';
import { added, DecodedRows } from './decoded-rows.ts';
import { EntityReader } from './entity-reader.ts';
import type { EntityRow, Frame } from './frame.ts';
import { BytesCache, bootHash, decodeBoot, decodeName, decodeSender } from './intern.ts';
import { MalformedFrameError } from './malformed.ts';
import { readFlow, readGroup, readRun } from './part-reader.ts';
import {
  BOOT_BYTES,
  BYTES,
  COUNTER_STRIDE,
  DIGEST_BYTES,
  FRAME,
  FRAME_FIELDS,
  GAUGE_STRIDE,
  MAX_FLOWS,
  MAX_GROUPS,
  MAX_INTERVAL_MS,
  MAX_RUNS,
  MAX_SEQUENCE,
  MAX_TIME_MS,
  SCHEMA_VERSION,
} from './wire.ts';
import { WireReader } from './wire-reader.ts';

/** Two lines of the processor's cache; a node and a site of 100 bytes together. */
const SENDER_WORDS = 32;
const MAX_SENDER_BYTES = (SENDER_WORDS - 1) * 4;

/**
 * The fast path from a frame's bytes to rows of numbers: nothing is allocated but what the first frame of a new
 * node, flows, groups and faults need.
 */
export class FrameDecoder {
  readonly #reader = new WireReader();
  readonly #senders = new BytesCache(decodeSender, SENDER_WORDS);
  readonly #rows = new DecodedRows();
  readonly #entities = new EntityReader(this.#reader, this.#rows);
  readonly #previous = new Int32Array(this.#rows.previous.buffer);
  #version = 0;
  #hasPrevious = false;

  /**
   * Reads one frame. The result is overwritten by the next call.
   * @throws MalformedFrameError where the structure is wrong; the result of the call before is gone then, too.
   */
  decode(bytes: Uint8Array): DecodedRows {
    const rows = this.#rows;
    const reader = this.#reader;
    rows.clear();
    this.#version = 0;
    this.#hasPrevious = false;
    this.#entities.beginFrame();
    const end = reader.load(bytes);
    const data = reader.bytes;
    let at = this.#readSender(end);
    while (at < end) {
      const tag = data[at]!;
      const low = data[at + 1]!;
      const high = low < 0x80 ? 0 : data[at + 2]!;
      // Nearly always: a tag of one byte and a length of one or two.
      if (high < 0x80 && (tag & 0x87) === BYTES) {
        const fieldStart = low < 0x80 ? at + 2 : at + 3;
        const fieldEnd = fieldStart + (low & 0x7f) + (high << 7);
        if (fieldEnd > end) throw reader.truncated(fieldEnd, end);
        this.#readBytes(tag, fieldStart, fieldEnd);
        at = fieldEnd;
      } else {
        reader.at = at;
        this.#readAny(end);
        at = reader.at;
      }
    }
    if (!this.#hasPrevious) rows.previous.fill(0);
    checkHeader(rows, this.#version);
    return rows;
  }

  /**
   * The first four fields as {@link encodeFrame} orders them: a node's frames begin with the same bytes, so one
   * look-up gives the three strings. @returns where they end, or 0 where the frame begins otherwise.
   */
  #readSender(end: number): number {
    const { bytes, view } = this.#reader;
    const site = 4 + bytes[3]!;
    const boot = site + 2 + bytes[site + 1]!;
    const senderEnd = boot + 2 + BOOT_BYTES;
    // Within this length, each length above was a single byte.
    if (senderEnd > end || senderEnd > MAX_SENDER_BYTES) return 0;
    if (bytes[0] !== FRAME.version || bytes[1] !== SCHEMA_VERSION || bytes[2] !== FRAME.node) return 0;
    if (bytes[site] !== FRAME.site || bytes[boot] !== FRAME.boot || bytes[boot + 1] !== BOOT_BYTES) return 0;
    const hash = bootHash(view, boot + 2);
    const sender = this.#senders.at(this.#reader, hash, 0, senderEnd);
    this.#version = SCHEMA_VERSION;
    this.#entities.sender = hash;
    this.#rows.node = sender.node;
    this.#rows.site = sender.site;
    this.#rows.boot = sender.boot;
    return senderEnd;
  }

  #readAny(end: number): void {
    const reader = this.#reader;
    const rows = this.#rows;
    const tag = reader.tag(end);
    if (tag === FRAME.version) this.#version = reader.uint32(end);
    else if (tag === FRAME.sequence) rows.sequence = reader.uint(end);
    else if (tag === FRAME.end) rows.endMs = reader.uint(end);
    else if (tag === FRAME.interval) rows.intervalMs = reader.uint32(end);
    else if (tag === FRAME.samples) rows.samples = reader.uint32(end);
    else if (tag === FRAME.layout) rows.layout = reader.uint32(end);
    else if ((tag & 7) === BYTES) {
      const fieldEnd = reader.field(end);
      this.#readBytes(tag, reader.at, fieldEnd);
      reader.at = fieldEnd;
    } else reader.skip(tag, end, FRAME_FIELDS);
  }

  #readBytes(tag: number, start: number, end: number): void {
    const rows = this.#rows;
    if (tag === FRAME.entity) this.#entities.read(start, end);
    else if (tag === FRAME.node) rows.node = decodeName(this.#reader.bytes.subarray(start, end));
    else if (tag === FRAME.site) rows.site = decodeName(this.#reader.bytes.subarray(start, end));
    else if (tag === FRAME.boot) this.#readBoot(start, end);
    else if (tag === FRAME.previous) this.#readPrevious(start, end - start);
    else this.#readPart(tag, start, end);
  }

  #readBoot(start: number, end: number): void {
    const { bytes, view } = this.#reader;
    this.#rows.boot = decodeBoot(bytes.subarray(start, end));
    this.#entities.sender = bootHash(view, start);
  }

  #readPart(tag: number, start: number, end: number): void {
    const reader = this.#reader;
    reader.at = start;
    const rows = this.#rows;
    if (tag === FRAME.flow) {
      const flow = readFlow(reader, end);
      if (flow === null) rows.faulty = added(rows.faulty, 'flow');
      else rows.flows = bounded(added(rows.flows, flow), MAX_FLOWS, 'flows');
    } else if (tag === FRAME.group) {
      const group = readGroup(reader, end);
      if (group === null) rows.faulty = added(rows.faulty, 'group');
      else rows.groups = bounded(added(rows.groups, group), MAX_GROUPS, 'groups');
    } else if (tag === FRAME.run) {
      rows.covers = bounded(added(rows.covers, readRun(reader, end)), MAX_RUNS, 'sequence runs');
    } else reader.checkUnknown(tag, FRAME_FIELDS);
  }

  #readPrevious(start: number, length: number): void {
    if (length !== DIGEST_BYTES && length !== 0) {
      throw new MalformedFrameError('bad digest', `${length} bytes, expected ${DIGEST_BYTES}`);
    }
    this.#hasPrevious = length > 0;
    const { view } = this.#reader;
    const copy = this.#previous;
    // A call of set() for 32 bytes costs as much as ten fields; eight moves of a word do not.
    for (let i = 0; i < length; i += 4) copy[i >> 2] = view.getInt32(start + i, true);
  }
}

function bounded<T>(list: T[], max: number, what: string): T[] {
  if (list.length > max) throw new MalformedFrameError('too many', `${what}, expected at most ${max}`);
  return list;
}

function checkHeader(rows: DecodedRows, version: number): void {
  if (version !== SCHEMA_VERSION) {
    throw new MalformedFrameError('bad version', `${version}, expected ${SCHEMA_VERSION}`);
  }
  if (rows.node === '' || rows.site === '')
    throw new MalformedFrameError('bad name', 'node or site is missing');
  if (rows.boot === '') throw new MalformedFrameError('bad boot', 'missing');
  if (rows.sequence < 1 || rows.sequence > MAX_SEQUENCE) {
    throw new MalformedFrameError('bad sequence', `${rows.sequence}, expected 1..${MAX_SEQUENCE}`);
  }
  if (rows.endMs < 1 || rows.endMs > MAX_TIME_MS) {
    throw new MalformedFrameError('bad time', `end ${rows.endMs} ms, expected 1..${MAX_TIME_MS}`);
  }
  if (rows.intervalMs < 1 || rows.intervalMs > MAX_INTERVAL_MS) {
    throw new MalformedFrameError(
      'bad time',
      `interval ${rows.intervalMs} ms, expected 1..${MAX_INTERVAL_MS}`,
    );
  }
}

/** For {@link decodeFrame}: it copies everything out before it returns. */
const shared = new FrameDecoder();

/**
 * Reads one frame into objects of its own. `faulty` as in {@link DecodedRows}.
 * @throws MalformedFrameError where the structure is wrong.
 */
export function decodeFrame(bytes: Uint8Array): { frame: Frame; faulty: readonly string[] } {
  const rows = shared.decode(bytes);
  const { node, site, boot, sequence, endMs, intervalMs, samples, flows, groups, covers, faulty } = rows;
  const previous = rows.previous.slice();
  const entities = Array.from({ length: rows.rows }, (_, row) => entityAt(rows, row));
  return {
    frame: {
      node,
      site,
      boot,
      sequence,
      endMs,
      intervalMs,
      samples,
      previous,
      entities,
      flows,
      groups,
      covers,
    },
    faulty,
  };
}

function entityAt(rows: DecodedRows, row: number): EntityRow {
  const kind = ENTITY_KINDS[rows.kinds[row]!]!;
  const { gauges, counters } = LAYOUTS[kind];
  const gaugeBase = row * GAUGE_STRIDE;
  const counterBase = row * COUNTER_STRIDE;
  return {
    kind,
    index: rows.indexes[row]!,
    id: rows.ids[row]!,
    gauges: rows.gauges.slice(gaugeBase, gaugeBase + gauges.length),
    counters: rows.counters.slice(counterBase, counterBase + counters.length),
  };
}
