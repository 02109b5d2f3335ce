import { type Cover, INFERENCE, SEVERAL_JOBS, TRAINING, TRAINING_8 } from '#libs/traces/evasion/covers.ts';
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
import type { Heard, Rule } from './lane.ts';
import type { Extent, Setting } from './setting.ts';
import type { Judge, NodeRun } from './world.ts';

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

/** A kind of honest run. */
interface Control {
  readonly name: string;
  readonly cover: Cover;
  runs(extent: Extent): number;
  /** Whether a judge's declaration is one that such a node would have. */
  judgedBy(judge: Judge): boolean;
  node(run: number): Pick<NodeRun, 'workload' | 'job'>;
}

const HOUR_SECONDS = 3600;
const DAY_HOURS = 24;
/** Each of the two jobs, and the pause after 20 hours of work. */
const JOB_HOURS = 20;

/** The steady job first, then the other, each for {@link JOB_HOURS}; four hours of pause a day. */
const TWO_JOBS = dutyCycled(
  timeShare(trainingDataParallel, trainingGradientAccumulation, 0.5, 2 * JOB_HOURS * HOUR_SECONDS),
  JOB_HOURS * HOUR_SECONDS,
  (DAY_HOURS - JOB_HOURS) * HOUR_SECONDS,
);

/** As the scheduler names what {@link TWO_JOBS} does. */
function jobOfTwo(timeMs: number): string | null {
  const hours = (timeMs - 1) / 1000 / HOUR_SECONDS;
  if (hours % DAY_HOURS >= JOB_HOURS) return null;
  return hours % (2 * JOB_HOURS) < JOB_HOURS ? TRAINING.job : SEVERAL_JOBS.job;
}

const any = (): boolean => true;
const ofCover = (cover: Cover, share: number): Control => ({
  name: cover.name,
  cover,
  runs: ({ honestRuns }) => Math.ceil(honestRuns * share),
  judgedBy: any,
  node: () => ({ workload: cover.workload }),
});

const ORDINARY = FAMILIES.filter(({ behaviour }) => isOrdinary(behaviour)).map(variedRun);

const CONTROLS: readonly Control[] = [
  ofCover(TRAINING, 1),
  ofCover(TRAINING_8, 0.5),
  ofCover(INFERENCE, 1),
  ofCover(SEVERAL_JOBS, 0.5),
  {
    // The declarations are those of the steady job: their band of power knows neither the other nor the pauses.
    ...ofCover(TRAINING, 0.5),
    name: 'training, two jobs in turn and pauses',
    node: () => ({ workload: TWO_JOBS, job: jobOfTwo }),
  },
  {
    name: 'varied runs of all ordinary families',
    cover: { ...TRAINING, behaviours: ['B0', 'B1', 'B2', 'B3'] },
    runs: ({ variedRuns }) => variedRuns * ORDINARY.length,
    // No band of power fits them all.
    judgedBy: ({ declared }) => declared === 'behaviours',
    node: (run) => ({
      workload: ORDINARY[run % ORDINARY.length] ?? trainingDataParallel,
      job: () => `job_${9000 + run}`,
    }),
  },
];
export const CONTROL_NAMES: readonly string[] = CONTROLS.map(({ name }) => name);

/** Other seeds than those of miners and peers; each control has its own. */
const SEED = 2_000_000;
const SEEDS_OF_A_CONTROL = 10_000;

/** Some of the runs of a control. Plain data. */
export interface HonestInput {
  readonly control: string;
  readonly from: number;
  readonly to: number;
}

/** So many runs go into one piece of work. */
const PIECE = 10;

export function honestInputs(extent: Extent): HonestInput[] {
  return CONTROLS.flatMap(({ name, runs }) => {
    const all = runs(extent);
    return Array.from({ length: Math.ceil(all / PIECE) }, (_, piece) => ({
      control: name,
      from: piece * PIECE,
      to: Math.min(all, (piece + 1) * PIECE),
    }));
  });
}

/** What each judge heard in each of these honest runs, among the peers and under the declarations that miners are judged with. */
export function honestRuns({ control, from, to }: HonestInput, setting: Setting): (readonly Heard[])[] {
  const index = CONTROL_NAMES.indexOf(control);
  const found = CONTROLS[index];
  if (found === undefined) throw new RangeError(`${control}: expected one of ${CONTROL_NAMES.join(', ')}`);
  const judges = setting.judges.filter(found.judgedBy);
  const world = setting.worldOf(found.cover);
  const first = setting.seed + SEED + SEEDS_OF_A_CONTROL * index;
  return Array.from({ length: to - from }, (_, piece) => {
    const run = from + piece;
    return world.run({ ...found.node(run), seed: first + run, judges, toTheEnd: true });
  });
}

/** Name of all controls together. */
export const ALL_HONEST = 'all of these';

/** A row for each control and judge, and for all together. */
export function honestOf(
  inputs: readonly HonestInput[],
  results: readonly (readonly (readonly Heard[])[])[],
  judges: readonly Judge[],
): Honest[] {
  const each = CONTROLS.flatMap(({ name, judgedBy }) => {
    const runs = inputs.flatMap(({ control }, index) => (control === name ? (results[index] ?? []) : []));
    return judges
      .filter(judgedBy)
      .map((judge, index) => ({ cover: name, judge, heard: runs.flatMap((run) => run[index] ?? []) }));
  }).filter(({ heard }) => heard.length > 0);
  const all = judges.map((judge) => ({
    cover: ALL_HONEST,
    judge,
    heard: each.filter((one) => one.judge === judge).flatMap(({ heard }) => heard),
  }));
  return [...each, ...all].map(({ cover, judge, heard }) => {
    const found = heard.filter(({ findingMs }) => findingMs !== null).length;
    return {
      cover,
      judge,
      runs: heard.length,
      found,
      falseAlarms: wilson(found, heard.length),
      wouldHold: wouldHold(heard),
    };
  });
}
