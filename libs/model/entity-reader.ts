import { ENTITY_KINDS, LAYOUTS } from './catalogue.ts';
import { added, type DecodedRows } from './decoded-rows.ts';
import { BytesCache, decodeName, mixed } from './intern.ts';
import { MalformedFrameError } from './malformed.ts';
import { mended, type Ranges, rangesOf } from './plausible.ts';
import {
  BYTES,
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

/** Words of 32 presence bits that the widest kind has. */
const GAUGE_WORDS = Math.ceil(GAUGE_STRIDE / 32);

const BIT_COUNTS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/**
 * Reads one entity at a time into the next row. Positions are local variables and plain fields rather than
 * objects: a row is 500 bytes and has 300 ns.
 */
export class EntityReader {
  readonly #reader: WireReader;
  readonly #rows: DecodedRows;
  /** A key is one line of the processor's cache: longer ones are not given by vendors. */
  readonly #names = new BytesCache(decodeName, 16);
  /** Hash of the frame's sender: with the row's number it says where the row's id was seen the last time. */
  sender = 0;
  /** The gauges of the rows, as the words that they are. */
  readonly #gaugeWords: Uint32Array;
  #kind = 0;
  #index = 0;
  #id = '';
  #gaugePresence = 0;
  #gaugePresenceBytes = 0;
  #gauges = 0;
  #gaugeBytes = 0;
  #counterPresence = 0;
  #counterPresenceBytes = 0;
  #counters = 0;
  #counterBytes = 0;
  /** Per kind and index: the number of the frame that had it last, so that nothing needs clearing. */
  readonly #seen = new Float64Array(ENTITY_KINDS.length * (MAX_ENTITY_INDEX + 1));
  #frame = 0;
  /** Per row: which columns hold a value. The others hold NaN already: most rows have the gaps of the last. */
  readonly #filledGauges = new Int32Array(MAX_ENTITIES * GAUGE_WORDS);
  readonly #filledCounters = new Int32Array(MAX_ENTITIES);

  constructor(reader: WireReader, rows: DecodedRows) {
    this.#reader = reader;
    this.#rows = rows;
    this.#gaugeWords = new Uint32Array(rows.gauges.buffer);
  }

  beginFrame(): void {
    this.sender = 0;
    this.#frame++;
  }

  /** Reads the entity that lies from `start` to `end` in the reader's buffer. */
  read(start: number, end: number): void {
    const reader = this.#reader;
    const { bytes } = reader;
    this.#reset();
    let at = start;
    while (at < end) {
      const tag = bytes[at]!;
      const low = bytes[at + 1]!;
      const high = low < 0x80 ? 0 : bytes[at + 2]!;
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
    this.#close();
  }

  #close(): void {
    if (this.#kind === 0 || this.#kind > ENTITY_KINDS.length) this.#rows.unknownEntities++;
    else this.#addRow(this.#kind - 1, this.#index);
  }

  #reset(): void {
    this.#kind = 0;
    this.#index = 0;
    this.#id = '';
    this.#gaugePresenceBytes = 0;
    this.#gaugeBytes = 0;
    this.#counterPresenceBytes = 0;
    this.#counterBytes = 0;
  }

  #readAny(end: number): void {
    const reader = this.#reader;
    const tag = reader.tag(end);
    if (tag === ENTITY.kind) this.#kind = reader.uint32(end);
    else if (tag === ENTITY.index) this.#index = reader.uint32(end);
    else if (tag === ENTITY.gauge) this.#appendGauges(reader.at, reader.pass(4, end));
    else if (tag === ENTITY.counter) this.#appendCounters(reader.at, reader.pass(8, end));
    else if ((tag & 7) === BYTES) {
      const fieldEnd = reader.field(end);
      this.#readBytes(tag, reader.at, fieldEnd);
      reader.at = fieldEnd;
    } else reader.skip(tag, end, ENTITY_FIELDS);
  }

  #readBytes(tag: number, start: number, end: number): void {
    if (tag === ENTITY.gauges) this.#appendGauges(start, end);
    else if (tag === ENTITY.counters) this.#appendCounters(start, end);
    else if (tag === ENTITY.gaugePresence) {
      this.#gaugePresence = start;
      this.#gaugePresenceBytes = end - start;
    } else if (tag === ENTITY.counterPresence) {
      this.#counterPresence = start;
      this.#counterPresenceBytes = end - start;
    } else if (tag === ENTITY.id) {
      this.#id = start === end ? '' : this.#idAt(start, end - start);
    } else this.#reader.checkUnknown(tag, ENTITY_FIELDS);
  }

  #idAt(start: number, length: number): string {
    return this.#names.at(this.#reader, mixed(this.sender + this.#rows.rows), start, length);
  }

  #appendGauges(start: number, end: number): void {
    this.#gauges = this.#joined(this.#gauges, this.#gaugeBytes, start, end, WireReader.gaugeArea, 4);
    this.#gaugeBytes += end - start;
  }

  #appendCounters(start: number, end: number): void {
    this.#counters = this.#joined(this.#counters, this.#counterBytes, start, end, WireReader.counterArea, 8);
    this.#counterBytes += end - start;
  }

  /**
   * A repeated field may come in pieces, packed or not. The first stays where it is; with a second, both move to
   * an area of their own. @returns where all of it begins.
   */
  #joined(at: number, length: number, start: number, end: number, area: number, width: number): number {
    if ((end - start) % width !== 0) {
      throw new MalformedFrameError(
        'bad values',
        `${end - start} packed bytes, expected a multiple of ${width}`,
      );
    }
    if (length === 0) return start;
    const { bytes } = this.#reader;
    if (at !== area) bytes.copyWithin(area, at, at + length);
    bytes.copyWithin(area + length, start, end);
    return area;
  }

  #addRow(kind: number, index: number): void {
    const rows = this.#rows;
    const row = rows.rows;
    if (row === MAX_ENTITIES) {
      throw new MalformedFrameError('too many', `entities, expected at most ${MAX_ENTITIES}`);
    }
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
    this.#fillGauges(GAUGES[kind]!, row);
    this.#fillCounters(COUNTERS[kind]!, row);
    rows.rows = row + 1;
  }

  #fillGauges(ranges: Ranges, row: number): void {
    const columns = ranges.min.length;
    let at = this.#gauges;
    for (let word = 0; word < GAUGE_WORDS; word++) {
      const bits = this.#presence(this.#gaugePresence, this.#gaugePresenceBytes, word, columns);
      const place = row * GAUGE_WORDS + word;
      const first = 32 * word;
      let gone = this.#filledGauges[place]! & ~bits;
      this.#filledGauges[place] = bits;
      for (; gone !== 0; gone &= gone - 1)
        this.#rows.gauges[row * GAUGE_STRIDE + first + lowest(gone)] = Number.NaN;
      at = this.#readGauges(at, bits, first, row * GAUGE_STRIDE, ranges);
    }
    const beyond = this.#bitsFrom(columns, this.#gaugePresence, this.#gaugePresenceBytes);
    checkCount((at - this.#gauges) / 4 + beyond, this.#gaugeBytes / 4);
  }

  /** @returns where the values of the next word begin. */
  #readGauges(start: number, presence: number, first: number, base: number, ranges: Ranges): number {
    const { view } = this.#reader;
    const { gauges } = this.#rows;
    const words = this.#gaugeWords;
    const { beyond } = ranges;
    let at = start;
    // Values lie in runs: a family of sensors is there or is not.
    for (let bits = presence, i = first; bits !== 0; ) {
      const skipped = lowest(bits);
      i += skipped;
      bits = (bits >>> skipped) | 0;
      const run = bits === -1 ? 32 : lowest(~bits);
      for (const end = i + run; i < end; i++, at += 4) {
        const word = view.getUint32(at, true);
        if (word < beyond[i]!) words[base + i] = word;
        else gauges[base + i] = this.#checked(view.getFloat32(at, true), i, ranges);
      }
      bits = run === 32 ? 0 : bits >>> run;
    }
    return at;
  }

  /** As {@link #fillGauges}, for float64 and at most 32 columns, of which few are ever there. */
  #fillCounters(ranges: Ranges, row: number): void {
    const { view } = this.#reader;
    const { counters } = this.#rows;
    const { min, max } = ranges;
    const base = row * COUNTER_STRIDE;
    const present = this.#presence(this.#counterPresence, this.#counterPresenceBytes, 0, min.length);
    let gone = this.#filledCounters[row]! & ~present;
    this.#filledCounters[row] = present;
    for (; gone !== 0; gone &= gone - 1) counters[base + lowest(gone)] = Number.NaN;
    let at = this.#counters;
    for (let bits = present; bits !== 0; bits &= bits - 1, at += 8) {
      const i = lowest(bits);
      const value = view.getFloat64(at, true);
      counters[base + i] = value >= min[i]! && value <= max[i]! ? value : this.#mend(value, i, ranges);
    }
    const beyond = this.#bitsFrom(min.length, this.#counterPresence, this.#counterPresenceBytes);
    checkCount((at - this.#counters) / 8 + beyond, this.#counterBytes / 8);
  }

  /** Presence of the columns from `32 * word` on; beyond the bitmap's end, and beyond the columns, there are none. */
  #presence(start: number, length: number, word: number, columns: number): number {
    const bits = Math.min(8 * length, columns) - 32 * word;
    if (bits <= 0) return 0;
    const present = this.#reader.view.getInt32(start + 4 * word, true);
    return bits >= 32 ? present : present & ((1 << bits) - 1);
  }

  /** Columns of a newer catalogue: their values follow ours and are skipped. */
  #bitsFrom(column: number, start: number, length: number): number {
    const { bytes } = this.#reader;
    const first = column >> 3;
    if (first >= length) return 0;
    let count = BIT_COUNTS[bytes[start + first]! >> (column & 7)]!;
    for (let i = first + 1; i < length; i++) count += BIT_COUNTS[bytes[start + i]!]!;
    return count;
  }

  #checked(value: number, i: number, ranges: Ranges): number {
    return value >= ranges.min[i]! && value <= ranges.max[i]! ? value : this.#mend(value, i, ranges);
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

/** Number of the lowest bit set. */
function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
