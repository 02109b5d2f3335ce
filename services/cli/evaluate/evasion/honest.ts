import { type Cover, TRAINING } from '#libs/traces/evasion/covers.ts';
import { FAMILIES } from '#libs/traces/families.ts';
import { timeShare } from '#libs/traces/simulate/mixture.ts';
import {
  trainingDataParallel,
  trainingGradientAccumulation,
} from '#libs/traces/simulate/workloads/training.ts';
import { dutyCycled } from '#libs/traces/simulate/wrappers.ts';
import { variedRun } from '#libs/traces/vary.ts';
import { type Share, wilson } from '../traces/quality.ts';
import { isOrdinary } from '../traces/scores.ts';
import { wouldHold } from './cells.ts';
import type { Lane, Rule } from './lane.ts';
import type { Setting } from './suite.ts';
import type { Judge } from './world.ts';

/** What a judge finds on honest runs: all of it is false. */
export interface Honest {
  readonly cover: string;
  readonly judge: Judge;
  readonly runs: number;
  readonly found: number;
  /** Share of runs with a finding. */
  readonly falseAlarms: Share;
  /** Runs in which a rule alone persisted as a finding asks. */
  readonly wouldHold: Readonly<Record<Rule, number>>;
}

/** Other seeds than those of miners and peers. */
const SEED = 2_000_000;

/** Honest runs of one cover, among the peers and under the declarations that miners of it are judged with. */
export function honestRuns(cover: Cover, setting: Setting): Honest[] {
  const { extent, seed, judges, worldOf } = setting;
  const runs = Array.from({ length: extent.honestRuns }, (_, run) =>
    worldOf(cover).run(cover.workload, seed + SEED + run, judges, true),
  );
  return summed(cover.name, judges, runs);
}

const HOUR_SECONDS = 3600;

/**
 * What a declared training node does over a week: jobs of two kinds, and a pause after each day. The declarations
 * are those of the steady job: their band of power does not know of the other, nor of the pauses.
 */
export function jobRuns(setting: Setting): Honest[] {
  const { extent, seed, judges, worldOf } = setting;
  const jobs = timeShare(trainingDataParallel, trainingGradientAccumulation, 0.5, 40 * HOUR_SECONDS);
  const workload = dutyCycled(jobs, 20 * HOUR_SECONDS, 4 * HOUR_SECONDS);
  const runs = Array.from({ length: extent.honestRuns / 2 }, (_, run) =>
    worldOf(TRAINING).run(workload, seed + SEED + 50 + run, judges, true),
  );
  return summed('training, two jobs and pauses', judges, runs);
}

const ANY: Cover = {
  name: 'varied runs of all ordinary families',
  workload: trainingDataParallel,
  behaviours: ['B0', 'B1', 'B2', 'B3'],
  gpus: 2,
};

/** Runs of every family of ordinary compute, declared as such; no band of power fits them all. */
export function variedRuns(setting: Setting): Honest[] {
  const { extent, seed, worldOf } = setting;
  const judges = setting.judges.filter(({ declared }) => declared === 'behaviours');
  const runs = FAMILIES.filter(({ behaviour }) => isOrdinary(behaviour)).flatMap((family, index) =>
    Array.from({ length: extent.variedRuns }, (_, run) =>
      worldOf(ANY).run(variedRun(family), seed + SEED + 100 * (index + 1) + run, judges, true),
    ),
  );
  return runs.length === 0 ? [] : summed(ANY.name, judges, runs);
}

function summed(cover: string, judges: readonly Judge[], runs: readonly (readonly Lane[])[]): Honest[] {
  return judges.map((judge, index) => {
    const lanes = runs.flatMap((run) => run[index] ?? []);
    const found = lanes.filter(({ findingMs }) => findingMs !== null).length;
    return {
      cover,
      judge,
      runs: lanes.length,
      found,
      falseAlarms: wilson(found, lanes.length),
      wouldHold: wouldHold(lanes),
    };
  });
}
