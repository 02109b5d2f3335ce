import { NumberText } from './number-text.ts';
import type { Point } from './port.ts';

/** The names of a field list as `name=`, one after the other. */
interface Keys {
  readonly bytes: Uint8Array;
  /** Name i ends here, and begins where the one before ends. */
  readonly ends: Uint32Array;
}

const COMMA = 44;
const SPACE = 32;
const NEWLINE = 10;
const FIRST_BYTES = 1 << 17;
/** A separator and the longest text of a number. */
const VALUE_BYTES = 1 + NumberText.maxBytes;

/**
 * Gathers points as InfluxDB line protocol: `frame,entity=gpu0,node=n1 gpu_power_watts=312 1760000000000`.
 *
 * It writes bytes into one buffer, because a string for each of the forty parts of a line costs more in garbage than
 * all else. The caches grow with the distinct nodes, entities and field lists seen.
 */
export class LineProtocol {
  readonly #tags = new Map<string, string>();
  readonly #keys = new WeakMap<readonly string[], Keys>();
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;

  /** Bytes gathered since the last {@link take}. */
  get length(): number {
    return this.#at;
  }

  /**
   * Adds a line. O(length of the line).
   * @param point without a flaw (see `flawOf`): what cannot be escaped is not looked for here.
   * @returns false where every value is NaN and no line was added.
   */
  append(point: Point): boolean {
    const keys = this.#keysOf(point.fields);
    const head = `${point.measurement},entity=${this.#tag(point.entity)},node=${this.#tag(point.node)}`;
    this.#reserve(3 * head.length + keys.bytes.length + VALUE_BYTES * (keys.ends.length + 1));
    const start = this.#at;
    this.#at += this.#bytes.write(head, start);
    const bodyStart = this.#at;
    this.#appendValues(keys, point.values);
    if (this.#at === bodyStart) {
      this.#at = start;
      return false;
    }
    this.#bytes[bodyStart] = SPACE;
    this.#bytes[this.#at++] = SPACE;
    this.#at = NumberText.write(point.timeMs, this.#bytes, this.#at);
    this.#bytes[this.#at++] = NEWLINE;
    return true;
  }

  /** The lines gathered, each with its end, and begins anew. */
  take(): string {
    const text = this.#bytes.toString('utf8', 0, this.#at);
    this.#at = 0;
    return text;
  }

  #appendValues({ bytes: names, ends }: Keys, values: ArrayLike<number>): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let name = 0;
    for (let i = 0; i < ends.length; i++) {
      const value = values[i] as number;
      const end = ends[i] as number;
      if (Number.isNaN(value)) {
        name = end;
        continue;
      }
      bytes[at++] = COMMA;
      while (name < end) bytes[at++] = names[name++] as number;
      at = NumberText.write(value, bytes, at);
    }
    this.#at = at;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.#at + size));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }

  #tag(text: string): string {
    let escaped = this.#tags.get(text);
    if (escaped === undefined) {
      escaped = escapeKey(text);
      this.#tags.set(text, escaped);
    }
    return escaped;
  }

  #keysOf(fields: readonly string[]): Keys {
    let keys = this.#keys.get(fields);
    if (!keys) {
      const names = fields.map((name) => Buffer.from(`${escapeKey(name)}=`));
      let end = 0;
      const ends = Uint32Array.from(names, (name) => (end += name.length));
      keys = { bytes: new Uint8Array(Buffer.concat(names)), ends };
      this.#keys.set(fields, keys);
    }
    return keys;
  }
}

const escapeKey = (text: string): string => text.replace(/[,= ]/g, '\\$&');
