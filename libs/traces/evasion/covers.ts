import type { Behaviour } from '#libs/model/behaviour.ts';
import type { Workload } from '../simulate/workload.ts';
import { inferenceOnRequest } from '../simulate/workloads/inference.ts';
import { trainingDataParallel, trainingGradientAccumulation } from '../simulate/workloads/training.ts';

/** Work that a scheduler has given a name: what nodes of one job have in common. */
export interface Job {
  /** As Slurm names it. */
  readonly name: string;
  readonly workload: Workload;
}

/** The honest work that is declared, that the peers do, and that a mixture hides in. */
export interface Cover {
  readonly name: string;
  readonly workload: Workload;
  /** The job that the node says it works on, whatever it does. */
  readonly job: string;
  /** As on the declaration, which the peers share. */
  readonly behaviours: readonly Behaviour[];
  /** Of the machine and its peers. */
  readonly gpus: number;
  /** What each of the peers does. */
  readonly peers: readonly Job[];
}

/** Two GPUs stand for all where all do the same: the rules look at each GPU, or at their mean. */
const FEW = 2;
const PEERS = 5;

const of = (count: number, job: Job): Job[] => Array.from({ length: count }, () => job);

const STEADY: Job = { name: 'job_1001', workload: trainingDataParallel };
const ACCUMULATING: Job = { name: 'job_1002', workload: trainingGradientAccumulation };
const SERVING: Job = { name: 'job_2001', workload: inferenceOnRequest() };

const training = (gpus: number): Cover => ({
  name: gpus === FEW ? 'training' : `training on ${gpus} GPUs`,
  workload: STEADY.workload,
  job: STEADY.name,
  behaviours: ['B0', 'B1'],
  gpus,
  peers: of(PEERS, STEADY),
});

export const TRAINING = training(FEW);
export const TRAINING_8 = training(8);
export const INFERENCE: Cover = {
  name: 'inference',
  workload: SERVING.workload,
  job: SERVING.name,
  behaviours: ['B0', 'B2'],
  gpus: FEW,
  peers: of(PEERS, SERVING),
};

/** Two jobs under one declaration, side by side: what the nodes of one do is no measure for those of the other. */
export const SEVERAL_JOBS: Cover = {
  ...TRAINING,
  name: 'training, several jobs',
  workload: ACCUMULATING.workload,
  job: ACCUMULATING.name,
  peers: [...of(PEERS, STEADY), ...of(PEERS, ACCUMULATING)],
};

export const COVERS: readonly Cover[] = [TRAINING, TRAINING_8, INFERENCE, SEVERAL_JOBS];
