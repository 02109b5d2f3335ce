import type { Behaviour } from '#libs/model/behaviour.ts';
import { Slab } from '#libs/stats/slab.ts';

/** Behaviours that counters may speak for; each has its place in a pane. */
export const SHARED: readonly Behaviour[] = [
  'B0',
  'B1',
  'B2',
  'B3',
  'B4',
  'B5',
  'B6',
  'B7',
  'B8',
  'B9',
  'B13',
];
const COUNT = SHARED.length;

/** Places of a pane: windows, and of each behaviour its windows, those that surely and those that possibly are it. */
export const PANE = { windows: 0, expected: 1, surely: 1 + COUNT, possibly: 1 + 2 * COUNT } as const;
export const PANE_WIDTH = 1 + 3 * COUNT;

/** Hours that are looked back on, the present one included. */
export const HOURS = 24;
/** A closed hour is kept in quarters of a window: 60 of them fit a byte. */
const QUARTERS = 4;
const MOST_BYTE = 255;

/** Columns of the present hour: which it is, the one that was last told, and its pane. */
const PRESENT = { hour: 0, told: 1, pane: 2 } as const;

/** The last 24 hours of each node, an hour a pane: 960 bytes a node. Old hours leave as new ones come. */
export class SharePanes {
  readonly #closed = new Slab(HOURS * PANE_WIDTH, (length) => new Uint8Array(length));
  readonly #present = new Slab(PRESENT.pane + PANE_WIDTH, (length) => new Float32Array(length));

  /** Both begin with zeros, and are part of a node's place. */
  get slabs(): readonly [Slab<Uint8Array>, Slab<Float32Array>] {
    return [this.#closed, this.#present];
  }

  /** The present pane of this hour. Null for an hour that is over: order matters more than a late window. */
  open(place: number, hour: number): Float32Array | null {
    const data = this.#present.page(place);
    const at = this.#present.at(place);
    const before = data[at + PRESENT.hour]!;
    if (hour < before) return null;
    if (hour > before) this.#advance(place, before, hour);
    return data.subarray(at + PRESENT.pane, at + PRESENT.pane + PANE_WIDTH);
  }

  /** Notes that this hour is told. @returns whether it was not yet */
  tell(place: number, hour: number): boolean {
    const data = this.#present.page(place);
    const at = this.#present.at(place) + PRESENT.told;
    if (hour <= data[at]!) return false;
    data[at] = hour;
    return true;
  }

  /** Begins anew: what the hours were seen under is in force no more. */
  forget(place: number): void {
    for (const slab of this.slabs) {
      const at = slab.at(place);
      slab.page(place).fill(0, at, at + slab.width);
    }
  }

  /**
   * Sums over the last hours, of the first so many places of a pane.
   * @returns the oldest hour that has a window, the present one if none has
   */
  sum(place: number, into: Float64Array, places = PANE_WIDTH): number {
    const present = this.#present.page(place);
    const presentAt = this.#present.at(place);
    const closed = this.#closed.page(place);
    const at = this.#closed.at(place);
    for (let i = 0; i < places; i++) {
      let quarters = 0;
      for (let pane = i; pane < HOURS * PANE_WIDTH; pane += PANE_WIDTH) quarters += closed[at + pane]!;
      into[i] = present[presentAt + PRESENT.pane + i]! + quarters / QUARTERS;
    }
    const hour = present[presentAt + PRESENT.hour]!;
    for (let back = HOURS - 1; back > 0; back--) {
      if (closed[at + paneOf(hour - back) + PANE.windows]! > 0) return hour - back;
    }
    return hour;
  }

  /** Closes the present hour, and empties the panes of those between and of the one that begins. */
  #advance(place: number, before: number, hour: number): void {
    const data = this.#present.page(place);
    const at = this.#present.at(place);
    const closed = this.#closed.page(place);
    const closedAt = this.#closed.at(place);
    for (let i = 0; i < PANE_WIDTH; i++) {
      const quarters = Math.round(QUARTERS * data[at + PRESENT.pane + i]!);
      closed[closedAt + paneOf(before) + i] = Math.min(MOST_BYTE, quarters);
    }
    for (let over = Math.max(before + 1, hour - HOURS + 1); over <= hour; over++) {
      const from = closedAt + paneOf(over);
      closed.fill(0, from, from + PANE_WIDTH);
    }
    data.fill(0, at + PRESENT.pane, at + PRESENT.pane + PANE_WIDTH);
    data[at + PRESENT.hour] = hour;
  }
}

const paneOf = (hour: number) => (hour % HOURS) * PANE_WIDTH;
