import type { Behaviour } from '#libs/model/behaviour.ts';
import type { Workload } from '../simulate/workload.ts';
import { inferenceOnRequest } from '../simulate/workloads/inference.ts';
import { trainingDataParallel } from '../simulate/workloads/training.ts';

/** The honest work that is declared, that the peers do, and that a mixture hides in. */
export interface Cover {
  readonly name: string;
  readonly workload: Workload;
  /** As on the declaration. */
  readonly behaviours: readonly Behaviour[];
  /** Of the machine and its peers. */
  readonly gpus: number;
}

/** Two GPUs stand for all where all do the same: the rules look at each GPU, or at their mean. */
const FEW = 2;

const training = (gpus: number): Cover => ({
  name: gpus === FEW ? 'training' : `training on ${gpus} GPUs`,
  workload: trainingDataParallel,
  behaviours: ['B0', 'B1'],
  gpus,
});

export const TRAINING = training(FEW);
export const TRAINING_8 = training(8);
export const INFERENCE: Cover = {
  name: 'inference',
  workload: inferenceOnRequest(),
  behaviours: ['B0', 'B2'],
  gpus: FEW,
};
