/**
 * Count, mean, sum of squared deviations, minimum and maximum, five consecutive numbers of a slab.
 *
 * Source: Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
 * Stanford STAN-CS-79-773 (1979), eq. 2.1; for a single value it is Welford's update (Technometrics 4, 1962).
 */
export const MOMENTS = 5;

/** A slab of moments; of 32 bits where a relative error of 1e-7 does no harm. */
export type Floats = Float64Array | Float32Array;

/**
 * Merges a group of `count` values, known by its moments, into the moments at `at`. O(1).
 *
 * Worked example: {2, 4} (mean 3, m2 2) merged with {6} (mean 6, m2 0) gives count 3, mean 4, m2 8.
 * @param count values in the group, ≥ 1
 * @param m2 sum of squared deviations from the group's own mean, ≥ 0
 */
export function pool(
  data: Floats,
  at: number,
  count: number,
  mean: number,
  m2: number,
  min: number,
  max: number,
): void {
  const before = data[at]!;
  const total = before + count;
  const delta = mean - data[at + 1]!;
  data[at] = total;
  data[at + 1] = data[at + 1]! + (delta * count) / total;
  data[at + 2] = data[at + 2]! + m2 + (delta * delta * before * count) / total;
  if (before === 0 || min < data[at + 3]!) data[at + 3] = min;
  if (before === 0 || max > data[at + 4]!) data[at + 4] = max;
}

/** Count and mean alone, two consecutive numbers; as {@link pool}. */
export function poolMean(data: Floats, at: number, count: number, mean: number): void {
  const total = data[at]! + count;
  data[at] = total;
  data[at + 1] = data[at + 1]! + ((mean - data[at + 1]!) * count) / total;
}

/** Sum of squared deviations of `count` values with this standard deviation (of the population, n). */
export function squaresOf(count: number, sd: number): number {
  return sd * sd * count;
}

/** Standard deviation (of the population, n) of the moments at `at`; 0 where there is no value. */
export function standardDeviation(data: Floats, at: number): number {
  const count = data[at]!;
  return count === 0 ? 0 : Math.sqrt(Math.max(0, data[at + 2]!) / count);
}
