import { type EntityKind, LAYOUTS } from './catalogue.ts';
import { type EntityRow, emptyRow } from './frame.ts';

/**
 * Gathers the samples of one entity over one interval and sums them up: mean of every gauge; standard deviation
 * (of the population, divided by n), min and max beside it where the catalogue asks for texture; the last value of
 * every counter. Incremental (Welford 1962), O(1) a sample, nothing allocated between frames.
 */
export class RowStatistics {
  readonly #kind: EntityKind;
  readonly #index: number;
  readonly #id: string;
  readonly #count: Uint32Array;
  readonly #mean: Float64Array;
  /** Sum of squared distances from the mean. */
  readonly #squares: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #counters: Float64Array;

  constructor(kind: EntityKind, index = 0, id = '') {
    const { gauges, counters } = LAYOUTS[kind];
    this.#kind = kind;
    this.#index = index;
    this.#id = id;
    this.#count = new Uint32Array(gauges.length);
    this.#mean = new Float64Array(gauges.length);
    this.#squares = new Float64Array(gauges.length);
    this.#min = new Float64Array(gauges.length);
    this.#max = new Float64Array(gauges.length);
    this.#counters = new Float64Array(counters.length);
    this.reset();
  }

  /** A sample of the gauge with this ordinal (that of its mean). NaN and infinities are no samples. */
  gauge(ordinal: number, value: number): void {
    if (!Number.isFinite(value)) return;
    const count = (this.#count[ordinal] ?? 0) + 1;
    const mean = this.#mean[ordinal] ?? 0;
    const distance = value - mean;
    const nextMean = mean + distance / count;
    this.#count[ordinal] = count;
    this.#mean[ordinal] = nextMean;
    this.#squares[ordinal] = (this.#squares[ordinal] ?? 0) + distance * (value - nextMean);
    this.#min[ordinal] = Math.min(this.#min[ordinal] ?? value, value);
    this.#max[ordinal] = Math.max(this.#max[ordinal] ?? value, value);
  }

  /** The present value of the counter with this ordinal. */
  counter(ordinal: number, value: number): void {
    if (Number.isFinite(value)) this.#counters[ordinal] = value;
  }

  /** The interval's row; what was never sampled is NaN. */
  row(): EntityRow {
    const row = emptyRow(this.#kind, this.#index, this.#id);
    row.counters.set(this.#counters);
    LAYOUTS[this.#kind].gauges.forEach((column, ordinal) => {
      const count = this.#count[ordinal] ?? 0;
      if (column.statistic === 'mean' && count > 0) this.#summarise(row, ordinal, column.metric.texture);
    });
    return row;
  }

  /** Forgets the samples. */
  reset(): void {
    this.#count.fill(0);
    this.#mean.fill(0);
    this.#squares.fill(0);
    this.#min.fill(Number.POSITIVE_INFINITY);
    this.#max.fill(Number.NEGATIVE_INFINITY);
    this.#counters.fill(Number.NaN);
  }

  /** The order of columns is that of `STATISTICS`: mean, sd, min, max. */
  #summarise(row: EntityRow, ordinal: number, texture: boolean): void {
    row.gauges[ordinal] = this.#mean[ordinal] ?? Number.NaN;
    if (!texture) return;
    row.gauges[ordinal + 1] = Math.sqrt((this.#squares[ordinal] ?? 0) / (this.#count[ordinal] ?? 1));
    row.gauges[ordinal + 2] = this.#min[ordinal] ?? Number.NaN;
    row.gauges[ordinal + 3] = this.#max[ordinal] ?? Number.NaN;
  }
}
