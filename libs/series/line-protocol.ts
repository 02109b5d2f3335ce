import type { Point } from './port.ts';

/**
 * Turns points into InfluxDB line protocol: `frame,entity=gpu0,node=n1 gpu_power_watts=312.5 1760000000000`.
 * The caches grow with the distinct nodes, entities and field lists seen.
 */
export class LineProtocol {
  readonly #tags = new Map<string, string>();
  readonly #keys = new WeakMap<readonly string[], readonly string[]>();

  /**
   * @param point without a flaw (see `flawOf`): what cannot be escaped is not looked for here.
   * @returns the line without its end, or the empty text where every value is NaN. O(number of values).
   */
  line(point: Point): string {
    const keys = this.#keysOf(point.fields);
    const { values } = point;
    let body = '';
    for (let i = 0; i < keys.length; i++) {
      const value = values[i] as number;
      if (!Number.isNaN(value)) body += (body === '' ? ' ' : ',') + keys[i] + numberText(value);
    }
    if (body === '') return '';
    const tags = `,entity=${this.#tag(point.entity)},node=${this.#tag(point.node)}`;
    return `${point.measurement}${tags}${body} ${point.timeMs}`;
  }

  #tag(text: string): string {
    let escaped = this.#tags.get(text);
    if (escaped === undefined) {
      escaped = escapeKey(text);
      this.#tags.set(text, escaped);
    }
    return escaped;
  }

  #keysOf(fields: readonly string[]): readonly string[] {
    let keys = this.#keys.get(fields);
    if (!keys) {
      keys = fields.map((name) => `${escapeKey(name)}=`);
      this.#keys.set(fields, keys);
    }
    return keys;
  }
}

const escapeKey = (text: string): string => text.replace(/[,= ]/g, '\\$&');

/**
 * A number as line protocol has it, always a float.
 *
 * A value that a float32 holds is written with the eight or nine digits that tell it from every other float32:
 * `Math.fround` of what is read back is what was written. It is five times as fast as the seventeen digits that a
 * float64 needs, and which every other value gets.
 */
export function numberText(value: number): string {
  if (Math.fround(value) !== value || Number.isInteger(value)) return `${value}`;
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return `${value}`;
  // Eight significant digits: ten places for 0.00x, five for 100.x. Where they do not tell it apart, nine do.
  let places = 10;
  for (let bound = 0.01; size >= bound; bound *= 10) places--;
  return decimal(value, places) ?? decimal(value, places + 1) ?? `${value}`;
}

function decimal(value: number, places: number): string | null {
  const power = POWERS[places] as number;
  const scaled = Math.round(value * power);
  return Math.fround(scaled / power) === value ? `${scaled}e-${places}` : null;
}

const POWERS = Float64Array.from({ length: 12 }, (_, places) => 10 ** places);
