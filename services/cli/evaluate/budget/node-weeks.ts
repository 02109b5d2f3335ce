import type { Scorer } from '#libs/detect/evidence/score.ts';
import { gather, noEvidence } from '#libs/detect/sequential/statistic.ts';
import { Random } from '#libs/traces/simulate/random.ts';
import { anyOf, LEVELS, ordinaryRun, type ReadLevel } from './simulated-runs.ts';

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
/** What the same nodes reach at each level of what is read of them. */
export type ByLevel<T> = Readonly<Record<ReadLevel, T>>;

/**
 * One honest node over a week without a pause: job after job, each a simulated run with numbers of its own, whose
 * windows are drawn again and again for as long as the job lasts (the bootstrap: within a run, a minute does not
 * remember the one before). No two jobs are the same run.
 */
function honestWeek(random: Random, scorer: Scorer): ByLevel<WeekMaxima> {
  const sums = { L3: noEvidence(), 'L3+N': noEvidence() };
  const maxima = { L3: noEvidence(), 'L3+N': noEvidence() };
  for (let window = -BEFORE_WINDOWS; window < WEEK_WINDOWS; ) {
    const run = ordinaryRun(random, scorer);
    const until = Math.min(WEEK_WINDOWS, window + jobWindows(random));
    for (; window < until; window++) {
      const evidence = anyOf(run, random);
      for (const level of LEVELS) {
        gather(sums[level], evidence[level]);
        if (window >= 0) raise(maxima[level], sums[level]);
      }
    }
  }
  return maxima;
}

function raise(maxima: number[], sums: readonly number[]): void {
  for (let i = 0; i < sums.length; i++) maxima[i] = Math.max(maxima[i] ?? 0, sums[i] ?? 0);
}

/** @param step called after each week */
export function honestWeeks(
  weeks: number,
  seed: number,
  scorer: Scorer,
  step: () => void,
): ByLevel<readonly WeekMaxima[]> {
  const random = new Random(seed);
  const all = Array.from({ length: weeks }, () => {
    const maxima = honestWeek(random, scorer);
    step();
    return maxima;
  });
  return { L3: all.map(({ L3 }) => L3), 'L3+N': all.map((maxima) => maxima['L3+N']) };
}

function jobWindows(random: Random): number {
  const [least, most] = JOB_WINDOWS;
  return Math.round(least * (most / least) ** random.uniform());
}
