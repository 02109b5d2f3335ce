/** A share with its interval, all 0–1. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Normal quantile of a two-sided 95 % interval. */
const Z = 1.96;

/**
 * Wilson's score interval of `hits` in `count`, 95 % (Wilson, JASA 22, 1927). Without a count: 0 to 1.
 *
 * Worked example: 0 of 17 → 0, up to 0.184.
 */
export function wilson(hits: number, count: number): Share {
  if (count === 0) return { share: Number.NaN, low: 0, high: 1 };
  const share = hits / count;
  const square = (Z * Z) / count;
  const centre = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / count + square / (4 * count));
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Probability that a score of the one kind is above one of the other, equal ones counting half (Mann and Whitney,
 * 1947). NaN where a kind is empty. O((n + m) log(n + m)).
 *
 * Worked example: [2, 3] against [1, 2] → 0.875.
 */
export function areaUnderCurve(positive: readonly number[], negative: readonly number[]): number {
  const all = [
    ...positive.map((score) => ({ score, of: 1 })),
    ...negative.map((score) => ({ score, of: 0 })),
  ].sort((a, b) => a.score - b.score);
  let ranks = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.score === all[from]?.score) to++;
    const rank = (from + 1 + to) / 2;
    for (let place = from; place < to; place++) ranks += (all[place]?.of ?? 0) * rank;
    from = to;
  }
  const n = positive.length;
  return (ranks - (n * (n + 1)) / 2) / (n * negative.length);
}

/** The lowest threshold that at most `ratio` of the scores are above. @param scores not empty */
export function thresholdAt(scores: readonly number[], ratio: number): number {
  const falling = [...scores].sort((a, b) => b - a);
  return falling[Math.floor(ratio * falling.length)] ?? Number.POSITIVE_INFINITY;
}

/** Said and true frequency of verdicts, by how sure they were. */
export interface Calibrated {
  readonly said: number;
  readonly held: Share;
  readonly count: number;
}

/** Groups verdicts by their probability, ten groups; empty ones are left out. */
export function calibration(
  verdicts: readonly { readonly probability: number; readonly right: boolean }[],
): Calibrated[] {
  const groups = Map.groupBy(verdicts, ({ probability }) => Math.min(9, Math.floor(probability * 10)));
  return [...groups.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, own]) => ({
      said: own.reduce((sum, { probability }) => sum + probability, 0) / own.length,
      held: wilson(own.filter(({ right }) => right).length, own.length),
      count: own.length,
    }));
}
