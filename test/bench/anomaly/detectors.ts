import { AnomalyDetector } from '#libs/detect/anomaly/detector.ts';
import { EXPONENTIAL, spread, weigh } from '#libs/stats/exponential.ts';
import type { Rows } from './corpus.ts';

/** Scores each row from the rows before it and itself, from a cold start. */
export type Scorer = (rows: Rows) => Float64Array;

/** The product's detector, as `davylamp evaluate --series` runs it. */
export const davylamp: Scorer = (rows) => {
  const detector = new AnomalyDetector(rows.columns, 'week');
  return eachRow(rows, (time, values) => detector.step(time, values));
};

/** Values over which the baseline's mean and variance are taken: two thousand, as the detector's own. */
const ALPHA = 1 / 2000;
/** Standard deviations at which it alerts. */
const ALERT_SPREADS = 4;
/** In the scaled data of SMD a spread below this is the resolution. */
const SMALLEST = 1e-3;

/** The naive way: the distance from the exponentially weighted mean in standard deviations, averaged over columns. */
export const zScore: Scorer = (rows) => {
  const moments = new Float64Array(rows.columns * EXPONENTIAL);
  return eachRow(rows, (_, values) => {
    let sum = 0;
    for (let column = 0; column < values.length; column++) {
      const [at, value] = [column * EXPONENTIAL, values[column] ?? 0];
      if ((moments[at + 2] ?? 0) > 0)
        sum += Math.abs(value - (moments[at] ?? 0)) / spread(moments, at, SMALLEST);
      weigh(moments, at, value, ALPHA);
    }
    const mean = sum / values.length;
    return mean / (ALERT_SPREADS + mean);
  });
};

function eachRow(rows: Rows, step: (timeMs: number, values: Float64Array) => number): Float64Array {
  return Float64Array.from(rows.times, (time, row) =>
    step(time, rows.values.subarray(row * rows.columns, (row + 1) * rows.columns)),
  );
}
