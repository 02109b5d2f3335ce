/** The run of equal values under way: its length, the longest one before it, repeats and values so far. */
export const RUN = 4;

type Reals = Float64Array | Float32Array;

/**
 * −ln of the chance that a run of equal values gets this long beyond the longest seen: how suspicious a reading that
 * does not move is. 0 while the run is within what is usual; a series that never moved is not suspicious. O(1).
 *
 * A value repeats with probability p̂ = (repeats + 1) / (values + 2) (Laplace's rule of succession), the run under way
 * included, and goes on for r more values with probability p̂^r (Feller, "An introduction to probability theory",
 * vol. 1, XIII.7).
 * Worked example: 98 values of which none repeats, then 7 repeats, usual 5 → p̂ = 8/107, 2 × 2.59 = 5.19.
 * @param data the {@link RUN} numbers at `at`, zeros in the beginning
 * @param repeated whether the value equals the one before it
 * @param factor runs up to this many times the longest seen are usual
 * @param usual and this many repeats more
 */
export function runSurprise(
  data: Reals,
  at: number,
  repeated: boolean,
  factor: number,
  usual: number,
): number {
  data[at + 3] = data[at + 3]! + 1;
  if (!repeated) {
    data[at + 1] = Math.max(data[at + 1]!, data[at]!);
    data[at] = 0;
    return 0;
  }
  data[at] = data[at]! + 1;
  data[at + 2] = data[at + 2]! + 1;
  const beyond = data[at]! - factor * data[at + 1]! - usual;
  return beyond <= 0 ? 0 : -beyond * Math.log((data[at + 2]! + 1) / (data[at + 3]! + 2));
}
