import type { Metric } from '#libs/model/catalogue.ts';
import type { WindowLayout } from './layout.ts';
import type { DetectParameters } from './parameters.ts';
import { floorOf, spreadRatioOf } from './spread.ts';

/** The scale of each tracked metric of a layout, in the order of `tracked`. */
export interface Scales {
  /** Smallest spread near zero, in the metric's unit. */
  readonly floors: Float64Array;
  /** Smallest spread of a large value, as a share of it. */
  readonly ratios: Float64Array;
  /**
   * Places in `tracked` of the metrics that say how hard the machine works, ratios and watts, and their columns in a
   * frame. Traffic comes in bursts on any machine.
   */
  readonly load: Int32Array;
  readonly loadColumns: Int32Array;
}

const made = new WeakMap<DetectParameters, Map<WindowLayout, Scales>>();

/** The scales of a layout's tracked metrics, made once. */
export function scalesOf(layout: WindowLayout, parameters: DetectParameters): Scales {
  const own = made.get(parameters) ?? new Map<WindowLayout, Scales>();
  made.set(parameters, own);
  const known = own.get(layout);
  if (known) return known;
  const metrics: Metric[] = Array.from(layout.tracked, (index) => layout.metrics[index]!);
  const load = Int32Array.from(
    metrics.flatMap(({ unit }, track) => (unit === '1' || unit === 'W' ? [track] : [])),
  );
  const scales = {
    floors: Float64Array.from(metrics, (metric) => floorOf(metric, parameters)),
    ratios: Float64Array.from(metrics, (metric) => spreadRatioOf(metric, parameters)),
    load,
    loadColumns: load.map((track) => layout.columns[layout.tracked[track]!]!),
  };
  own.set(layout, scales);
  return scales;
}

/**
 * A value counted in smallest spreads from zero, so that one step is one believable spread wherever the value lies:
 * linear below floor / ratio, logarithmic above it. 0 → 0; O(1).
 *
 * Source: the arcsinh transformation of measurements with additive and multiplicative noise (Durbin, Hardin, Hawkins
 * & Rocke, "A variance-stabilizing transformation for gene-expression microarray data", Bioinformatics 18, 2002).
 * Its slope is 1 / √(floor² + (ratio · value)²).
 * Worked example: 200 W with a floor of 10 W and a ratio of 0.05 → asinh(1) / 0.05 = 17.63.
 * @param value ≥ 0: the logarithm is asinh's at half its cost, and exact enough there
 */
export function toSpreads({ floors, ratios }: Scales, track: number, value: number): number {
  const ratio = ratios[track]!;
  const x = (ratio * value) / floors[track]!;
  return Math.log(x + Math.sqrt(x * x + 1)) / ratio;
}

/** Undoes {@link toSpreads}. Worked example: 17.63 → 200 W. */
export function fromSpreads({ floors, ratios }: Scales, track: number, spreads: number): number {
  const ratio = ratios[track]!;
  return (Math.sinh(ratio * spreads) * floors[track]!) / ratio;
}
