import { ENTITY_KINDS, LAYOUTS } from './catalogue.ts';
import { added, type DecodedRows } from './decoded-rows.ts';
import type { NameCache } from './intern.ts';
import { MalformedFrameError } from './malformed.ts';
import { mended, type Ranges, rangesOf } from './plausible.ts';
import {
  COUNTER_STRIDE,
  ENTITY,
  ENTITY_FIELDS,
  GAUGE_STRIDE,
  MAX_ENTITIES,
  MAX_ENTITY_INDEX,
} from './wire.ts';
import { WireReader } from './wire-reader.ts';

const GAUGES = ENTITY_KINDS.map((kind) => rangesOf(LAYOUTS[kind].gauges));
const COUNTERS = ENTITY_KINDS.map((kind) => rangesOf(LAYOUTS[kind].counters));
const HOST = ENTITY_KINDS.indexOf('host');

const BIT_COUNTS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** A stretch of the reader's buffer. */
interface Span {
  start: number;
  bytes: number;
}

/** Reads one entity at a time into the next row. */
export class EntityReader {
  readonly #reader: WireReader;
  readonly #rows: DecodedRows;
  readonly #names: NameCache;
  readonly #gaugePresence: Span = { start: 0, bytes: 0 };
  readonly #gauges: Span = { start: 0, bytes: 0 };
  readonly #counterPresence: Span = { start: 0, bytes: 0 };
  readonly #counters: Span = { start: 0, bytes: 0 };
  /** Per kind and index: the number of the frame that had it last, so that nothing needs clearing. */
  readonly #seen = new Float64Array(ENTITY_KINDS.length * (MAX_ENTITY_INDEX + 1));
  #frame = 0;
  #id = '';

  constructor(reader: WireReader, rows: DecodedRows, names: NameCache) {
    this.#reader = reader;
    this.#rows = rows;
    this.#names = names;
  }

  beginFrame(): void {
    this.#frame++;
  }

  read(end: number): void {
    const reader = this.#reader;
    let kind = 0;
    let index = 0;
    this.#reset();
    while (reader.at < end) {
      const tag = reader.uint32(end);
      if (tag === ENTITY.kind) kind = reader.uint32(end);
      else if (tag === ENTITY.index) index = reader.uint32(end);
      else this.#readSpan(tag, end);
    }
    if (kind === 0 || kind > ENTITY_KINDS.length) this.#rows.unknownEntities++;
    else this.#addRow(kind - 1, index);
  }

  #reset(): void {
    this.#gaugePresence.bytes = 0;
    this.#gauges.bytes = 0;
    this.#counterPresence.bytes = 0;
    this.#counters.bytes = 0;
    this.#id = '';
  }

  #readSpan(tag: number, end: number): void {
    const reader = this.#reader;
    if (tag === ENTITY.gauges) this.#append(this.#gauges, WireReader.gaugeArea, reader.field(end), 4);
    else if (tag === ENTITY.counters)
      this.#append(this.#counters, WireReader.counterArea, reader.field(end), 8);
    else if (tag === ENTITY.gaugePresence) this.#replace(this.#gaugePresence, reader.field(end));
    else if (tag === ENTITY.counterPresence) this.#replace(this.#counterPresence, reader.field(end));
    else if (tag === ENTITY.id) this.#readId(reader.field(end));
    else if (tag === ENTITY.gauge) this.#append(this.#gauges, WireReader.gaugeArea, this.#fixed(4, end), 4);
    else if (tag === ENTITY.counter)
      this.#append(this.#counters, WireReader.counterArea, this.#fixed(8, end), 8);
    else reader.skip(tag, end, ENTITY_FIELDS);
  }

  #readId(end: number): void {
    const start = this.#reader.at;
    this.#id = end === start ? '' : this.#names.at(this.#reader, start, end - start);
    this.#reader.at = end;
  }

  #fixed(width: number, end: number): number {
    const valueEnd = this.#reader.at + width;
    if (valueEnd > end) throw new MalformedFrameError('truncated', `a value reaches to offset ${valueEnd}`);
    return valueEnd;
  }

  /** A field given twice: the last one counts. */
  #replace(span: Span, end: number): void {
    span.start = this.#reader.at;
    span.bytes = end - span.start;
    this.#reader.at = end;
  }

  /** A repeated field given in pieces, packed or not: they are joined, in an area of their own. */
  #append(span: Span, area: number, end: number, width: number): void {
    const { bytes, at } = this.#reader;
    const length = end - at;
    if (length % width !== 0) {
      throw new MalformedFrameError('bad values', `${length} packed bytes, expected a multiple of ${width}`);
    }
    if (span.bytes === 0) span.start = at;
    else {
      if (span.start !== area) bytes.copyWithin(area, span.start, span.start + span.bytes);
      bytes.copyWithin(area + span.bytes, at, end);
      span.start = area;
    }
    span.bytes += length;
    this.#reader.at = end;
  }

  #addRow(kind: number, index: number): void {
    const rows = this.#rows;
    const row = rows.rows;
    if (row === MAX_ENTITIES)
      throw new MalformedFrameError('too many', `entities, expected at most ${MAX_ENTITIES}`);
    if (index > (kind === HOST ? 0 : MAX_ENTITY_INDEX)) {
      throw new MalformedFrameError(
        'bad entity',
        `${ENTITY_KINDS[kind]} ${index}, expected 0..${MAX_ENTITY_INDEX}`,
      );
    }
    const place = kind * (MAX_ENTITY_INDEX + 1) + index;
    if (this.#seen[place] === this.#frame) {
      throw new MalformedFrameError('bad entity', `${ENTITY_KINDS[kind]} ${index} twice`);
    }
    this.#seen[place] = this.#frame;
    rows.kinds[row] = kind;
    rows.indexes[row] = index;
    rows.ids[row] = this.#id;
    this.#fillGauges(GAUGES[kind]!, row * GAUGE_STRIDE);
    this.#fillCounters(COUNTERS[kind]!, row * COUNTER_STRIDE);
    rows.rows = row + 1;
  }

  #fillGauges(ranges: Ranges, base: number): void {
    const { bytes, view } = this.#reader;
    const { gauges } = this.#rows;
    const { min, max } = ranges;
    const { start, bytes: presenceBytes } = this.#gaugePresence;
    const columns = min.length;
    let at = this.#gauges.start;
    let beyond = 0;
    for (let first = 0, i = 0; first < columns; first += 8) {
      const byte = first >> 3;
      let bits = byte < presenceBytes ? bytes[start + byte]! : 0;
      const last = Math.min(first + 8, columns);
      for (; i < last; i++) {
        if (bits & 1) {
          const value = view.getFloat32(at, true);
          at += 4;
          gauges[base + i] = value >= min[i]! && value <= max[i]! ? value : this.#mend(value, i, ranges);
        } else gauges[base + i] = Number.NaN;
        bits >>= 1;
      }
      beyond += BIT_COUNTS[bits]!;
    }
    beyond += this.#bitsFrom((columns + 7) >> 3, this.#gaugePresence);
    checkCount((at - this.#gauges.start) / 4 + beyond, this.#gauges.bytes / 4);
  }

  /** As {@link #fillGauges}, in float64: one loop over both types would run at half the speed. */
  #fillCounters(ranges: Ranges, base: number): void {
    const { bytes, view } = this.#reader;
    const { counters } = this.#rows;
    const { min, max } = ranges;
    const { start, bytes: presenceBytes } = this.#counterPresence;
    const columns = min.length;
    let at = this.#counters.start;
    let beyond = 0;
    for (let first = 0, i = 0; first < columns; first += 8) {
      const byte = first >> 3;
      let bits = byte < presenceBytes ? bytes[start + byte]! : 0;
      const last = Math.min(first + 8, columns);
      for (; i < last; i++) {
        if (bits & 1) {
          const value = view.getFloat64(at, true);
          at += 8;
          counters[base + i] = value >= min[i]! && value <= max[i]! ? value : this.#mend(value, i, ranges);
        } else counters[base + i] = Number.NaN;
        bits >>= 1;
      }
      beyond += BIT_COUNTS[bits]!;
    }
    beyond += this.#bitsFrom((columns + 7) >> 3, this.#counterPresence);
    checkCount((at - this.#counters.start) / 8 + beyond, this.#counters.bytes / 8);
  }

  /** Columns of a newer catalogue: their values follow ours and are skipped. */
  #bitsFrom(byte: number, { start, bytes }: Span): number {
    let count = 0;
    for (let i = byte; i < bytes; i++) count += BIT_COUNTS[this.#reader.bytes[start + i]!]!;
    return count;
  }

  #mend(value: number, ordinal: number, ranges: Ranges): number {
    const better = mended(value, ordinal, ranges);
    if (Number.isNaN(better)) this.#rows.faulty = added(this.#rows.faulty, ranges.columns[ordinal]!.name);
    return better;
  }
}

function checkCount(bits: number, values: number): void {
  if (bits !== values)
    throw new MalformedFrameError('bad values', `${values} values for ${bits} presence bits`);
}
