import { mean } from 'simple-statistics';
import type { Scorer } from '#libs/detect/evidence/score.ts';
import { Random } from '#libs/traces/simulate/random.ts';
import { ordinaryRun } from './simulated-runs.ts';

/**
 * Correlation of the evidence of two windows of one run: the part of the variance that is between runs, 0–1.
 *
 * Source: Fisher's intraclass correlation, by the analysis of variance ("Statistical Methods for Research Workers",
 * 1925, section 40).
 * @param runs of ordinary compute, held out
 */
export function correlationWithin(runs: number, seed: number, scorer: Scorer): number {
  const random = new Random(seed);
  const drawn = Array.from({ length: runs }, () => ordinaryRun(random, scorer));
  const values = drawn.map((run) => run.flatMap((window) => window['L3+N'] ?? []));
  return intraclass(values.filter((run) => run.length > 1));
}

/** @param groups of equal length, at least two of at least two values */
export function intraclass(groups: readonly (readonly number[])[]): number {
  const size = groups[0]?.length ?? 0;
  const means = groups.map((group) => mean([...group]));
  const within =
    groups.reduce((sum, group, index) => sum + squares(group, means[index] ?? 0), 0) /
    (groups.length * (size - 1));
  const between = (size * squares(means, mean(means))) / (groups.length - 1);
  return (between - within) / (between + (size - 1) * within);
}

function squares(values: readonly number[], around: number): number {
  return values.reduce((sum, value) => sum + (value - around) ** 2, 0);
}
