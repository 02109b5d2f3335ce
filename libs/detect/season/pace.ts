import { CUSUM, cusum } from '#libs/stats/cusum.ts';
import type { DetectParameters } from '../parameters.ts';
import { distanceAt, foldHour, knows } from './profile.ts';

/** Columns of a tracked metric's running sums: the present hour, the present day, and the drift over days. */
const PACE = {
  /** Sum, sum of squares and count of the hour's windows, in smallest spreads. */
  hourSum: 0,
  hourSquares: 1,
  hourCount: 2,
  /** Sum and count of the distances of the day's hours from the frozen ones. */
  daySum: 3,
  dayCount: 4,
  /** Two sums, and the day (since 1970) on which each left 0. */
  sums: 5,
  since: 5 + CUSUM,
} as const;
export const PACE_WIDTH = PACE.since + CUSUM;

/** A sum that has run so far over its threshold comes back in as many days. */
const MOST = 2;

/** A drift from the frozen hours of the week. */
export interface Drift {
  /** Which way: 1 above, −1 below. */
  readonly side: 1 | -1;
  readonly score: number;
  /** Day since 1970 on which it began. */
  readonly sinceDay: number;
}

/** Takes a window's mean into the present hour. @param spreads its mean in smallest spreads */
export function addWindow(pace: Float32Array, at: number, spreads: number): void {
  pace[at + PACE.hourSum] = pace[at + PACE.hourSum]! + spreads;
  pace[at + PACE.hourSquares] = pace[at + PACE.hourSquares]! + spreads * spreads;
  pace[at + PACE.hourCount] = pace[at + PACE.hourCount]! + 1;
}

/**
 * Ends the present hour: while the week is learnt it becomes part of it, and once it is frozen a distance from it. An
 * hour of few windows is neither.
 * @param week weeks since the season began, from 1; `frozen` no more is learnt
 */
export function endHour(
  pace: Float32Array,
  at: number,
  bytes: Uint8Array,
  bytesAt: number,
  part: number,
  week: number,
  frozen: boolean,
  { seasonHourWindows }: DetectParameters,
): void {
  const count = pace[at + PACE.hourCount]!;
  const mean = pace[at + PACE.hourSum]! / count;
  const variance = pace[at + PACE.hourSquares]! / count - mean * mean;
  pace.fill(0, at + PACE.hourSum, at + PACE.daySum);
  if (count < seasonHourWindows) return;
  if (!frozen) {
    foldHour(bytes, bytesAt, part, week, mean, Math.sqrt(Math.max(0, variance)));
    return;
  }
  if (!knows(bytes, bytesAt, part)) return;
  pace[at + PACE.daySum] = pace[at + PACE.daySum]! + distanceAt(bytes, bytesAt, part, mean);
  pace[at + PACE.dayCount] = pace[at + PACE.dayCount]! + 1;
}

/**
 * Ends the present day: its mean distance from the frozen hours goes into a two-sided sum ({@link cusum}). One value a
 * day, because the hours of a day go together; one day alone, however far, is no drift.
 * @param day days since 1970
 */
export function endDay(pace: Float32Array, at: number, day: number, parameters: DetectParameters): void {
  const count = pace[at + PACE.dayCount]!;
  if (count === 0) return;
  const { driftDayCap: cap, driftSlack, driftThreshold } = parameters;
  const mean = Math.max(-cap, Math.min(cap, pace[at + PACE.daySum]! / count));
  pace.fill(0, at + PACE.daySum, at + PACE.sums);
  cusum(pace, at + PACE.sums, mean, driftSlack);
  for (let side = 0; side < CUSUM; side++) {
    const sum = at + PACE.sums + side;
    const since = at + PACE.since + side;
    pace[sum] = Math.min(MOST * driftThreshold, pace[sum]!);
    if (pace[sum] === 0) pace[since] = 0;
    else if (pace[since] === 0) pace[since] = day;
  }
}

/** The drift that the days so far amount to; null below the threshold. */
export function driftOf(pace: Float32Array, at: number, { driftThreshold }: DetectParameters): Drift | null {
  const [up, down] = [pace[at + PACE.sums]!, pace[at + PACE.sums + 1]!];
  const score = Math.max(up, down);
  if (score < driftThreshold) return null;
  const side = up >= down ? 0 : 1;
  return { side: side === 0 ? 1 : -1, score, sinceDay: pace[at + PACE.since + side]! };
}
