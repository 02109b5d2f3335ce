import type { Column } from './catalogue.ts';

/**
 * Sums of float32 samples leave [0, 1] by a few units in the last place (1.2e-7 each). A ratio that far outside
 * is taken as 0 or 1; farther is a faulty sensor.
 */
export const RATIO_TOLERANCE = 1e-6;

/** The plausible ranges of a kind's gauges or counters, by ordinal, in the shape a tight loop wants. */
export interface Ranges {
  readonly min: Float64Array;
  readonly max: Float64Array;
  /**
   * A float32 whose word is below this is plausible for certain: as whole numbers, positive floats keep their order
   * and negative ones and NaN lie above them. 0, so that no word is, where the range does not begin at 0.
   */
  readonly beyond: Uint32Array;
  readonly columns: readonly Column[];
}

export function rangesOf(columns: readonly Column[]): Ranges {
  return {
    min: Float64Array.from(columns, ({ metric }) =>
      Math.min(metric.plausible[0], Math.fround(metric.plausible[0])),
    ),
    // The bound itself may round upwards on its way through a float32.
    max: Float64Array.from(columns, ({ metric }) =>
      Math.max(metric.plausible[1], Math.fround(metric.plausible[1])),
    ),
    beyond: Uint32Array.from(columns, ({ metric }) =>
      metric.plausible[0] === 0 ? wordOf(metric.plausible[1]) + 1 : 0,
    ),
    columns,
  };
}

function wordOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

/** What a value outside its range is worth: 0 or 1 for a ratio within tolerance, else NaN. */
export function mended(value: number, ordinal: number, { columns }: Ranges): number {
  if (columns[ordinal]!.metric.kind !== 'ratio') return Number.NaN;
  if (value > 1 && value <= 1 + RATIO_TOLERANCE) return 1;
  if (value < 0 && value >= -RATIO_TOLERANCE) return 0;
  return Number.NaN;
}
