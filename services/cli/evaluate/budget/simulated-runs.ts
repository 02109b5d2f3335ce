import { FEATURES } from '#libs/detect/evidence/features.ts';
import { oddsOfNode } from '#libs/detect/evidence/node-evidence.ts';
import type { Scorer } from '#libs/detect/evidence/score.ts';
import { windowFeatures } from '#libs/detect/evidence/windows.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { evidenceOf } from '#libs/detect/sequential/statistic.ts';
import { FAMILIES, type Family } from '#libs/traces/families.ts';
import type { Random } from '#libs/traces/simulate/random.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { variedRun } from '#libs/traces/vary.ts';
import { isOrdinary } from '../traces/scores.ts';
import { simulatedWindows } from '../traces/synthetic.ts';

/** What is read of a node: profiling counters, alone or with its traffic. */
export const LEVELS = ['L3', 'L3+N'] as const;
export type ReadLevel = (typeof LEVELS)[number];

/** What one window says at each level, nats; null where it idles. Synthetic. */
export type WindowEvidence = Readonly<Record<ReadLevel, number | null>>;
export type RunEvidence = readonly WindowEvidence[];

const IDLE: RunEvidence = [{ L3: null, 'L3+N': null }];
const TRAFFIC = FEATURES.flatMap(({ level }, place) => (level === 'N' ? [place] : []));

/** A run of five windows of two GPUs, on a machine that the seed chooses, read as stage 1 reads it. */
export function evidenceOfRun(workload: Workload, seed: number, scorer: Scorer): RunEvidence {
  if (workload.behaviour === 'B0') return IDLE;
  return simulatedWindows(workload, seed).map((frames) => {
    const gpus = windowFeatures(frames);
    const whole = nodeEvidence(gpus, scorer);
    for (const values of gpus) for (const place of TRAFFIC) values[place] = Number.NaN;
    return { L3: nodeEvidence(gpus, scorer), 'L3+N': whole };
  });
}

function nodeEvidence(gpus: readonly Float64Array[], scorer: Scorer): number | null {
  const odds = gpus.map((values) => scorer.score(scorer.bins(values)).logOdds);
  return evidenceOf(oddsOfNode(odds, gpus.length), PARAMETERS.rarePrior);
}

const ORDINARY: readonly Family[] = FAMILIES.filter(({ behaviour }) => isOrdinary(behaviour));

/** A run of any family of ordinary compute, each as likely. */
export function ordinaryRun(random: Random, scorer: Scorer): RunEvidence {
  const family = ORDINARY[Math.floor(random.uniform() * ORDINARY.length)] ?? ORDINARY[0];
  return family === undefined ? IDLE : evidenceOfRun(variedRun(family), seedOf(random), scorer);
}

/** One of its windows, each as likely. */
export function anyOf(run: RunEvidence, random: Random): WindowEvidence {
  return run[Math.floor(random.uniform() * run.length)] ?? { L3: null, 'L3+N': null };
}

export function seedOf(random: Random): number {
  return Math.floor(random.uniform() * 2 ** 31);
}
