/** The upper and the lower sum, two consecutive numbers of a slab. */
export const CUSUM = 2;

type Reals = Float64Array | Float32Array;

/**
 * Adds one standardised value to the two one-sided cumulative sums at `at`; each stays ≥ 0. O(1).
 *
 * Source: Page, "Continuous inspection schemes", Biometrika 41 (1954); `slack` is half the shift, in standard
 * deviations, that is to be found soonest, and a threshold of 5 with a slack of 0.5 gives a false alarm every 938
 * normal values (Siegmund's approximation, "Sequential analysis", 1985, eq. 2.56: {@link averageRunLength}).
 * Worked example: slack 0.5 and the values 1, 2, −1 → upper 0.5, 2, 0.5; lower 0, 0, 0.5.
 * @returns the larger of the two sums
 */
export function cusum(data: Reals, at: number, standardised: number, slack: number): number {
  data[at] = Math.max(0, data[at]! + standardised - slack);
  data[at + 1] = Math.max(0, data[at + 1]! - standardised - slack);
  return Math.max(data[at]!, data[at + 1]!);
}

/**
 * Values until a one-sided sum reaches `threshold`, on average, when the standardised mean is `mean` (Siegmund 1985,
 * eq. 2.56, with his correction of 1.166 for the overshoot).
 *
 * Worked example: slack 0.5, threshold 5 → 938 at mean 0, 10.3 at mean 1 (exactly 930 and 10.4).
 */
export function averageRunLength(slack: number, threshold: number, mean: number): number {
  const drift = mean - slack;
  const b = threshold + 1.166;
  if (Math.abs(drift) < 1e-9) return b * b;
  return (Math.exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift * drift);
}
