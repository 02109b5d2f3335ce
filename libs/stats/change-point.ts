/** A shift of the mean between two runs of a series. */
export interface ChangePoint {
  /** First value of the new level, 1 … count − 1. */
  readonly index: number;
  /** Confidence set of `index`, both ends included. */
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
  /** 2 × log-likelihood ratio of a shift at `index` against none. */
  readonly likelihoodRatio: number;
}

export interface ChangePointOptions {
  /** 1 − α of the confidence set, e.g. 0.95. */
  readonly confidence: number;
  /** A spread smaller than this is not believed: it bounds the likelihood of very flat series. Same unit as the values. */
  readonly smallestSd: number;
  /** Smallest {@link ChangePoint.likelihoodRatio} that counts as a shift. */
  readonly likelihoodRatio: number;
}

/**
 * The most likely single shift of the mean in normal noise of unknown variance, with the confidence set of its
 * place by the likelihood profile. O(n).
 *
 * Source: Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57 (1970);
 * the set {k: 2(ℓ(k̂) − ℓ(k)) ≤ −2 ln α} after Siegmund, "Confidence sets in change-point problems",
 * Int. Stat. Review 56 (1988). The test measures its coverage.
 * Worked example: {1, 2, 1, 2, 9, 8, 9} → index 4, before 1.5, after 8.667.
 * @param values at least `from + count` of them, finite
 * @returns null when no shift reaches `options.likelihoodRatio`, or with fewer than 4 values
 */
export function changePoint(
  values: Float64Array,
  start: number,
  count: number,
  options: ChangePointOptions,
): ChangePoint | null {
  if (count < 4) return null;
  const total = sums(values, start, start + count);
  const floor = count * options.smallestSd * options.smallestSd;
  const flat = Math.log(squares(total.sum, total.square, count) + floor);
  const profile = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  let best = 1;
  let sum = 0;
  let square = 0;
  for (let k = 1; k < count; k++) {
    const value = values[start + k - 1]! - total.origin;
    sum += value;
    square += value * value;
    const left = squares(sum, square, k);
    const right = squares(total.sum - sum, total.square - square, count - k);
    profile[k] = count * (flat - Math.log(left + right + floor));
    if (profile[k]! > profile[best]!) best = k;
  }
  if (profile[best]! < options.likelihoodRatio) return null;
  return describe(values, start, count, profile, best, -2 * Math.log(1 - options.confidence));
}

/**
 * The latest shift: when one is found, what follows it is searched again, until nothing is found.
 * (Right half of binary segmentation: Scott & Knott, Biometrics 30, 1974.)
 */
export function latestChangePoint(
  values: Float64Array,
  count: number,
  options: ChangePointOptions,
): ChangePoint | null {
  let latest: ChangePoint | null = null;
  let start = 0;
  for (;;) {
    const next = changePoint(values, start, count - start, options);
    if (next === null) return latest;
    latest = next;
    start = next.index;
  }
}

function describe(
  values: Float64Array,
  start: number,
  count: number,
  profile: Float64Array,
  best: number,
  tolerance: number,
): ChangePoint {
  let from = best;
  let to = best;
  for (let k = 1; k < count; k++) {
    if (profile[best]! - profile[k]! > tolerance) continue;
    from = Math.min(from, k);
    to = Math.max(to, k);
  }
  return {
    index: start + best,
    from: start + from,
    to: start + to,
    before: meanOf(values, start, start + best),
    after: meanOf(values, start + best, start + count),
    likelihoodRatio: profile[best]!,
  };
}

/** Sum and sum of squares about the first value: it keeps the digits of series far from zero. */
function sums(values: Float64Array, from: number, to: number) {
  const origin = values[from]!;
  let sum = 0;
  let square = 0;
  for (let i = from; i < to; i++) {
    const value = values[i]! - origin;
    sum += value;
    square += value * value;
  }
  return { origin, sum, square };
}

function squares(sum: number, square: number, count: number): number {
  return Math.max(0, square - (sum * sum) / count);
}

function meanOf(values: Float64Array, from: number, to: number): number {
  let mean = 0;
  for (let i = from; i < to; i++) mean += values[i]!;
  return mean / (to - from);
}
