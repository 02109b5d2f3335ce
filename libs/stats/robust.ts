/** Makes the median absolute deviation of a normal distribution its standard deviation: 1 / Φ⁻¹(3/4). */
export const MAD_TO_SD = 1.482602218505602;

/**
 * Median of `values[0 … count − 1]`, which it sorts. O(n log n).
 *
 * Worked example: {5, 1, 4, 2} → 3.
 * @param count ≥ 1; values finite
 */
export function medianInPlace(values: Float64Array, count: number): number {
  values.subarray(0, count).sort();
  const middle = count >>> 1;
  return count % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/** Where a sample lies and how far it spreads, both insensitive to a minority of outliers. */
export interface RobustFit {
  readonly median: number;
  /** {@link MAD_TO_SD} × median absolute deviation. */
  readonly scale: number;
}

/**
 * Median and scaled MAD of `values[0 … count − 1]`, which it overwrites.
 *
 * Source: Hampel, "The influence curve and its role in robust estimation", JASA 69 (1974).
 * Worked example: {1, 1, 2, 2, 4, 6, 9} → median 2, MAD 1, scale 1.4826.
 */
export function robustFit(values: Float64Array, count: number): RobustFit {
  const median = medianInPlace(values, count);
  for (let i = 0; i < count; i++) values[i] = Math.abs(values[i]! - median);
  return { median, scale: MAD_TO_SD * medianInPlace(values, count) };
}
