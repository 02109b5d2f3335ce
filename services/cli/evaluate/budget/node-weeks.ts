import type { Scorer } from '#libs/detect/evidence/score.ts';
import { gather, noEvidence } from '#libs/detect/sequential/statistic.ts';
import { Random } from '#libs/traces/simulate/random.ts';
import { LEVELS, ordinaryRun, type ReadLevel, type RunEvidence } from './simulated-runs.ts';

export const WEEK_WINDOWS = 7 * 24 * 60;
/** Lived through before the week that counts: sums do not begin at zero. */
const BEFORE_WINDOWS = 24 * 60;
/**
 * A job lasts from half an hour to a week, each order of magnitude as likely: in published traces of GPU clusters
 * run times go from minutes to weeks (Jeon et al., "Analysis of large-scale multi-tenant GPU clusters for DNN training
 * workloads", ATC 2019). Shorter jobs leave too little for a sum to gather. Starting values.
 */
const JOB_WINDOWS = [30, WEEK_WINDOWS] as const;

/** The largest of each sum over one node's week. */
export type WeekMaxima = readonly number[];

/**
 * One honest node over a week without a pause: job after job, each a simulated run with numbers of its own, whose
 * windows are drawn again and again for as long as the job lasts (the bootstrap: within a run, a minute does not
 * remember the one before). No two jobs are the same run.
 */
function honestWeek(random: Random, scorer: Scorer, level: ReadLevel): WeekMaxima {
  const sums = noEvidence();
  const maxima = noEvidence();
  for (let window = -BEFORE_WINDOWS; window < WEEK_WINDOWS; ) {
    const run = ordinaryRun(random, scorer, level);
    const until = Math.min(WEEK_WINDOWS, window + jobWindows(random));
    for (; window < until; window++) {
      gather(sums, anyOf(run, random));
      if (window < 0) continue;
      for (let i = 0; i < sums.length; i++) maxima[i] = Math.max(maxima[i] ?? 0, sums[i] ?? 0);
    }
  }
  return maxima;
}

/** Weeks of nodes of each level in turn. @param step called after each week */
export function honestWeeks(weeks: number, seed: number, scorer: Scorer, step: () => void): WeekMaxima[] {
  const random = new Random(seed);
  return Array.from({ length: weeks }, (_, week) => {
    const maxima = honestWeek(random, scorer, LEVELS[week % LEVELS.length] ?? 'L3');
    step();
    return maxima;
  });
}

export function anyOf(run: RunEvidence, random: Random): number | null {
  return run[Math.floor(random.uniform() * run.length)] ?? null;
}

function jobWindows(random: Random): number {
  const [least, most] = JOB_WINDOWS;
  return Math.round(least * (most / least) ** random.uniform());
}
