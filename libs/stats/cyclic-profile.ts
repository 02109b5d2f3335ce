type Reals = Float64Array | Float32Array;

/**
 * The usual value in each part of a repeating cycle (an hour of the day), learned as it comes: one mean a part, each
 * over about its last `memory` values.
 *
 * Source: a seasonal means model with forgetting (Holt, "Forecasting seasonals and trends by exponentially weighted
 * moving averages", ONR 52, 1957), the mean shrunk towards `otherwise` by n / (n + κ) (Efron & Morris, "Stein's
 * estimation rule and its competitors", JASA 68, 1973).
 * Worked example: four values of 10 in a part, κ = 4, otherwise 0 → 5.
 * @param counts how many values each part has seen, at most 255
 * @param shrink κ ≥ 0, in values
 */
export function expectedAt(
  means: Reals,
  counts: Uint8Array,
  part: number,
  shrink: number,
  otherwise: number,
): number {
  const count = counts[part]!;
  return count === 0 ? otherwise : (means[part]! * count + otherwise * shrink) / (count + shrink);
}

/** Takes `value` into its part. @param memory 1 … 255 */
export function learnAt(means: Reals, counts: Uint8Array, part: number, value: number, memory: number): void {
  const count = Math.min(memory, counts[part]! + 1);
  counts[part] = count;
  means[part] = means[part]! + (value - means[part]!) / count;
}
