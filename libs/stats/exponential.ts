/** Mean, variance and count of an exponentially weighted series, three consecutive numbers of a slab. */
export const EXPONENTIAL = 3;

type Reals = Float64Array | Float32Array;

/**
 * Takes `value` into the exponentially weighted mean and variance at `at`. O(1).
 *
 * The weight is 1/n for the first 1/α values (the plain mean), α from then on.
 * Source: West, "Updating mean and variance estimates", CACM 22 (1979); with a constant weight Finch, "Incremental
 * calculation of weighted mean and variance" (2009), eq. 124 and 143.
 * Worked example: α = 0.5 and 2, 4, 8 → mean 5.5, variance 6.75.
 * @param alpha weight of the newest value, 0 < α ≤ 1
 */
export function weigh(data: Reals, at: number, value: number, alpha: number): void {
  move(data, at, value - data[at]!, alpha);
}

/**
 * As {@link weigh}, but a value further from the mean than `bound` standard deviations counts as one at that bound
 * (winsorised: the ψ of Huber, "Robust estimation of a location parameter", Ann. Math. Stat. 35, 1964), so that a
 * minority of outliers does not widen what is usual.
 *
 * Worked example: after 100 values with mean 0 and variance 1, the value 1,000 with bound 3 and α = 0.01 moves the
 * mean to 0.03.
 * @param smallest spread below which the standard deviation is not believed, same unit as the values, ≥ 0
 * @param young values taken as they are before the bound applies
 */
export function weighRobustly(
  data: Reals,
  at: number,
  value: number,
  alpha: number,
  bound: number,
  smallest: number,
  young: number,
): void {
  const delta = value - data[at]!;
  const limit = data[at + 2]! < young ? Number.POSITIVE_INFINITY : bound * spread(data, at, smallest);
  move(data, at, Math.max(-limit, Math.min(limit, delta)), alpha);
}

/** Standard deviation at `at`, with `smallest` added in quadrature. */
export function spread(data: Reals, at: number, smallest: number): number {
  return Math.sqrt(data[at + 1]! + smallest * smallest);
}

function move(data: Reals, at: number, delta: number, alpha: number): void {
  const count = data[at + 2]! + 1;
  const weight = Math.max(alpha, 1 / count);
  data[at] = data[at]! + weight * delta;
  data[at + 1] = (1 - weight) * (data[at + 1]! + weight * delta * delta);
  data[at + 2] = count;
}
