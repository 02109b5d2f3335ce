import { EXPONENTIAL, spread, weighRobustly } from '#libs/stats/exponential.ts';
import type { AnomalyParameters } from './parameters.ts';

/** Places in a column's row: three moments, then smoothed value and change, the value before, the range. */
const AT = {
  value: 0,
  level: EXPONENTIAL,
  change: 2 * EXPONENTIAL,
  smoothed: 3 * EXPONENTIAL,
  moved: 3 * EXPONENTIAL + 1,
  before: 3 * EXPONENTIAL + 2,
  least: 3 * EXPONENTIAL + 3,
  most: 3 * EXPONENTIAL + 4,
} as const;
const WIDTH = 3 * EXPONENTIAL + 5;

/**
 * How far the columns of one row lie from their own pasts: for each the sum of the distances, in robust spreads, of
 * its value, its smoothed level and its smoothed absolute change; of these the mean of the widest.
 *
 * Robust: what lies far out is learned as if it lay at a bound, or a long incident would become what is usual.
 */
export class Deviation {
  readonly #p: AnomalyParameters;
  readonly #columns: number;
  /** A row a column; the last number is the smoothed deviation of all. */
  readonly #rows: Float64Array;
  /** Widest distances of the row at hand, descending. */
  readonly #widest: Float64Array;

  constructor(parameters: AnomalyParameters, columns: number) {
    this.#p = parameters;
    this.#columns = columns;
    this.#rows = new Float64Array(columns * WIDTH + 1);
    for (let at = 0; at < columns * WIDTH; at += WIDTH) {
      this.#rows[at + AT.before] = Number.NaN;
      this.#rows[at + AT.least] = Number.POSITIVE_INFINITY;
      this.#rows[at + AT.most] = Number.NEGATIVE_INFINITY;
    }
    this.#widest = new Float64Array(Math.min(parameters.widest, columns));
  }

  /** All that it remembers. */
  get state(): readonly Float64Array[] {
    return [this.#rows];
  }

  /**
   * @param values one a column; one that is missing (NaN) says nothing and is not learned
   * @returns spreads, smoothed, ≥ 0
   */
  step(values: ArrayLike<number>): number {
    this.#widest.fill(0);
    for (let column = 0; column < this.#columns; column++) {
      const value = values[column] ?? Number.NaN;
      if (!Number.isNaN(value)) this.#keep(this.#distance(column * WIDTH, value));
    }
    let sum = 0;
    for (const distance of this.#widest) sum += distance;
    const all = this.#columns * WIDTH;
    const smoothed = this.#rows[all]!;
    this.#rows[all] = smoothed + (sum / this.#widest.length - smoothed) / this.#p.smoothValues;
    return this.#rows[all]!;
  }

  #distance(row: number, value: number): number {
    const rows = this.#rows;
    const before = rows[row + AT.before]!;
    const first = Number.isNaN(before);
    rows[row + AT.before] = value;
    if (value < rows[row + AT.least]!) rows[row + AT.least] = value;
    if (value > rows[row + AT.most]!) rows[row + AT.most] = value;
    const smallest = this.#p.deviationFloor * (rows[row + AT.most]! - rows[row + AT.least]!);
    const weight = 1 / this.#p.deviationValues;
    const level = first ? value : rows[row + AT.smoothed]! + weight * (value - rows[row + AT.smoothed]!);
    const step = first ? 0 : Math.abs(value - before);
    const change = rows[row + AT.moved]! + weight * (step - rows[row + AT.moved]!);
    rows[row + AT.smoothed] = level;
    rows[row + AT.moved] = change;
    return (
      this.#spreads(row + AT.value, value, smallest) +
      this.#spreads(row + AT.level, level, smallest) +
      this.#spreads(row + AT.change, change, smallest)
    );
  }

  /** Spreads between `value` and what is usual at `at`, which then learns it. */
  #spreads(at: number, value: number, smallest: number): number {
    const { deviationMemory, deviationBound, deviationYoung, deviationCap } = this.#p;
    const rows = this.#rows;
    const unit = spread(rows, at, smallest);
    const known = rows[at + 2]! > 0 && unit > 0;
    const distance = known ? Math.min(deviationCap, Math.abs(value - rows[at]!) / unit) : 0;
    weighRobustly(rows, at, value, 1 / deviationMemory, deviationBound, smallest, deviationYoung);
    return distance;
  }

  #keep(distance: number): void {
    const widest = this.#widest;
    let place = widest.length - 1;
    if (distance <= widest[place]!) return;
    while (place > 0 && widest[place - 1]! < distance) {
      widest[place] = widest[place - 1]!;
      place--;
    }
    widest[place] = distance;
  }
}
