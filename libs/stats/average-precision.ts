/**
 * Area under the precision-recall curve as the mean precision at each positive: 1 for a perfect ranking, about the
 * share of positives for a random one; NaN without a positive. Equal scores count together. O(n log n).
 *
 * Source: Davis & Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006; this sum is
 * the average precision of Manning et al., "Introduction to information retrieval" (2008), eq. 8.8.
 * Worked example: scores {4, 3, 2, 1}, positives the first and the third → (1 + 2/3) / 2 = 0.8333.
 */
export function averagePrecision(scores: Float64Array, positive: Uint8Array): number {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  let found = 0;
  let sum = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    let here = 0;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) here += positive[order[to++]!]!;
    found += here;
    sum += (here * found) / to;
    from = to;
  }
  return found === 0 ? Number.NaN : sum / found;
}
