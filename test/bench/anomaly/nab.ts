/**
 * Scoring of the Numenta Anomaly Benchmark, v1.1.
 *
 * Source: Lavin & Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark", ICMLA 2015
 * (arXiv 1510.03336), section III; the constants are NAB's config/profiles.json and nab/sweeper.py.
 */

/** Weights of a hit, a false positive and a missed window. */
export interface Profile {
  readonly hit: number;
  readonly falsePositive: number;
  readonly miss: number;
}

export const PROFILES = {
  standard: { hit: 1, falsePositive: 0.11, miss: 1 },
  lowFalsePositive: { hit: 1, falsePositive: 0.22, miss: 1 },
  lowFalseNegative: { hit: 1, falsePositive: 0.11, miss: 2 },
} as const satisfies Record<string, Profile>;

/** What a detection at each row of one series is worth, before the profile's weights. */
export interface RowWorth {
  /** In −1 … 1: of a hit by its earliness, of a false positive by its distance from the window before. */
  readonly worth: Float64Array;
  /** Index of the row's labelled window; −1 outside, −2 in the probationary part, which is not scored. */
  readonly window: Int32Array;
  /** Labelled windows; in NAB none lies inside the probationary part. */
  readonly windows: number;
}

export interface ScoredSeries {
  readonly rows: RowWorth;
  /** One a row, 0 … 1. */
  readonly scores: Float64Array;
}

export interface NabScore {
  /** 100 for a perfect detector, 0 for one that never alerts. */
  readonly score: number;
  readonly threshold: number;
}

const PROBATION_SHARE = 0.15;
const PROBATION_ROWS = 750;
/** A row further behind a window than this many times its width has the full cost of a false positive. */
const FAR = 3;

/** Worth of position `x` relative to a window whose left edge is −1 and right edge 0: 2 / (1 + e^5x) − 1. */
function worthAt(x: number): number {
  return x > FAR ? -1 : 2 / (1 + Math.exp(5 * x)) - 1;
}

/** @param windows first and last row of each labelled window, ascending, disjoint */
export function rowWorth(rows: number, windows: readonly (readonly [number, number])[]): RowWorth {
  const worth = new Float64Array(rows).fill(-1);
  const window = new Int32Array(rows).fill(-1);
  windows.forEach(([first, last], index) => {
    const width = last - first + 1;
    for (let i = first; i <= last; i++) {
      worth[i] = worthAt(-(last - i + 1) / width) / worthAt(-1);
      window[i] = index;
    }
    const next = windows[index + 1]?.[0] ?? rows;
    for (let i = last + 1; i < next; i++) worth[i] = worthAt((i - last) / (width - 1));
  });
  window.fill(-2, 0, Math.ceil(Math.min(Math.floor(PROBATION_SHARE * rows), PROBATION_ROWS)));
  return { worth, window, windows: windows.length };
}

/** What one series adds to the score at one threshold. */
export interface Contribution {
  readonly total: number;
  readonly windows: number;
}

/** What a series adds when every row at or above `threshold` is a detection. */
export function contribution(
  { rows, scores }: ScoredSeries,
  profile: Profile,
  threshold: number,
): Contribution {
  const hits = new Float64Array(rows.windows).fill(-profile.miss);
  let total = 0;
  for (let i = 0; i < scores.length; i++) {
    const window = rows.window[i] ?? -2;
    if (window === -2 || (scores[i] ?? 0) < threshold) continue;
    const worth = rows.worth[i] ?? 0;
    if (window < 0) total += profile.falsePositive * worth;
    else hits[window] = Math.max(hits[window] ?? -profile.miss, profile.hit * worth);
  }
  return { total: hits.reduce((sum, hit) => sum + hit, total), windows: rows.windows };
}

/** The score of several series together: 100 for a perfect detector, 0 for one that never alerts. */
export function nabScore(parts: readonly Contribution[], profile: Profile): number {
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  const windows = parts.reduce((sum, part) => sum + part.windows, 0);
  return normalised(total, windows, profile);
}

/** The best score over all thresholds, found with the labels in hand, as NAB publishes it. */
export function bestNabScore(series: readonly ScoredSeries[], profile: Profile): NabScore {
  const detections = series.flatMap(detectionsOf).sort((a, b) => b.score - a.score);
  const hits = series.map(({ rows }) => new Float64Array(rows.windows).fill(-profile.miss));
  const windows = series.reduce((sum, { rows }) => sum + rows.windows, 0);
  let total = -profile.miss * windows;
  let best = { total, threshold: Number.POSITIVE_INFINITY };
  detections.forEach(({ score, worth, window, series: index }, at) => {
    const known = hits[index]?.[window];
    if (known === undefined) total += profile.falsePositive * worth;
    else if (hits[index] !== undefined && profile.hit * worth > known) {
      total += profile.hit * worth - known;
      hits[index][window] = profile.hit * worth;
    }
    const lastOfItsScore = detections[at + 1]?.score !== score;
    if (lastOfItsScore && total > best.total) best = { total, threshold: score };
  });
  return { score: normalised(best.total, windows, profile), threshold: best.threshold };
}

function detectionsOf({ rows, scores }: ScoredSeries, series: number) {
  const found: { score: number; worth: number; window: number; series: number }[] = [];
  scores.forEach((score, i) => {
    const window = rows.window[i] ?? -2;
    if (window !== -2 && score > 0) found.push({ score, worth: rows.worth[i] ?? 0, window, series });
  });
  return found;
}

/** 0 stands for a detector that never alerts. */
function normalised(total: number, windows: number, profile: Profile): number {
  const silent = -profile.miss * windows;
  return (100 * (total - silent)) / (windows * profile.hit - silent);
}
