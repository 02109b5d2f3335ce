/**
 * The non-decreasing sequence closest to `values` in weighted squares, in place: calibrates scores in ascending order
 * to probabilities when `values` are the outcomes (0 or 1). O(n).
 *
 * Source: pool adjacent violators: Ayer et al., "An empirical distribution function for sampling with incomplete
 * information", Ann. Math. Stat. 26 (1955); as calibration Zadrozny & Elkan, KDD 2002, section 4.
 * Worked example: {0, 1, 0, 1} with equal weights → {0, 0.5, 0.5, 1}.
 * @param weights one a value, > 0; left as they are
 */
export function isotonicInPlace(values: Float64Array, weights: Float64Array): void {
  const means = new Float64Array(values.length);
  const masses = new Float64Array(values.length);
  const ends = new Int32Array(values.length);
  let blocks = 0;
  for (let i = 0; i < values.length; i++) {
    let mean = values[i]!;
    let mass = weights[i]!;
    while (blocks > 0 && means[blocks - 1]! >= mean) {
      blocks--;
      mean = (mean * mass + means[blocks]! * masses[blocks]!) / (mass + masses[blocks]!);
      mass += masses[blocks]!;
    }
    means[blocks] = mean;
    masses[blocks] = mass;
    ends[blocks] = i + 1;
    blocks++;
  }
  let from = 0;
  for (let block = 0; block < blocks; block++) {
    values.fill(means[block]!, from, ends[block]!);
    from = ends[block]!;
  }
}

/**
 * The calibrated value of a score between those of the fit: linear between neighbours, constant outside. O(log n).
 *
 * Worked example: scores {1, 3}, values {0, 1}, score 2 → 0.5.
 * @param scores ascending, the ones `values` were fitted at; at least one
 */
export function calibrated(scores: Float64Array, values: Float64Array, score: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! < score) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return values[0]!;
  if (low === scores.length) return values[low - 1]!;
  const share = (score - scores[low - 1]!) / (scores[low]! - scores[low - 1]!);
  return values[low - 1]! + share * (values[low]! - values[low - 1]!);
}
