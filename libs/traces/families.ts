import type { Behaviour } from '#libs/model/behaviour.ts';
import {
  HASH,
  HIDDEN,
  HPC,
  IDLE,
  INFERENCE,
  MATMUL,
  NEVER,
  QUIET,
  STEADY,
  TRAINING,
  UNDESCRIBED,
} from './kinds.ts';
import { BATCH, PROVING_HIDDEN, type Range, RENDERING, type Traffic } from './traffic.ts';

/** What runs of one family have in common: what a GPU does while it works, in which rhythm, and what feeds it. */
export interface Family extends Traffic {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Share of the time that some kernel runs, and that the multiprocessors are busy, while it works. */
  readonly utilization: Range;
  readonly sm: Range;
  /** Activity of other parts per activity of the multiprocessors. */
  readonly tensorPerSm: Range;
  readonly dramPerSm: Range;
  readonly integerPerSm: Range;
  readonly fp32PerSm: Range;
  /** Share of the tensor work that is on integers. */
  readonly integerShare: Range;
  readonly memory: Range;
  /** log10 of bytes per second, both ways together. */
  readonly pcie: Range;
  readonly nvlink: Range;
  /** log10 of the relative wander of the activity. */
  readonly drift: Range;
  /** log10 of the seconds of a cycle; share of it at work; level of the rest. */
  readonly cycle: Range;
  readonly duty: Range;
  readonly rest: Range;
  /** Share of the limit of power that is held whatever it does. */
  readonly heldPower: Range;
}

/**
 * Families of GPU workloads with the ranges that a run of each may lie in: what is known of the physics and from
 * published figures, wide, and fitted to no trace. The evidence of `libs/detect/evidence` is learnt from machines
 * simulated with them: what rests on it is synthetic.
 */
export const FAMILIES: readonly Family[] = [
  TRAINING,
  { ...TRAINING, name: 'training-one-gpu', nvlink: QUIET, pcie: [6.9, 9.5] },
  {
    ...TRAINING,
    name: 'training-accumulating',
    sm: [0.65, 0.97],
    drift: [-2.5, -1.7],
    duty: [0.9, 1],
    nvlink: [8, 11],
  },
  {
    ...TRAINING,
    name: 'training-waiting-for-data',
    cycle: [0, 1.8],
    duty: [0.15, 0.7],
    pcie: [7.5, 9.8],
    nvlink: [7.5, 10.5],
  },
  {
    ...TRAINING,
    name: 'training-offload',
    cycle: [0.2, 1.2],
    duty: [0.15, 0.8],
    pcie: [8.8, 10.6],
    nvlink: [8.5, 10.8],
  },
  { ...TRAINING, name: 'training-power-smoothed', sm: [0.5, 0.95], heldPower: [0.6, 0.95] },
  INFERENCE,
  { ...INFERENCE, name: 'inference-tensor-parallel', nvlink: [8, 10.4] },
  {
    ...INFERENCE,
    ...BATCH,
    name: 'inference-batch',
    sm: [0.3, 0.95],
    tensorPerSm: [0.12, 0.6],
    dramPerSm: [0.2, 0.8],
    pcie: [7, 9.6],
    cycle: [0.5, 1.8],
  },
  {
    // The hard negative of matmul proof-of-work, as near as the physics lets it come: half of the runs work off a queue
    // that is there, some without a pause and with all they need on the card. What stays is that kernels for eight bits
    // rescale in floating point and read their weights. Starting values.
    ...INFERENCE,
    name: 'inference-int8',
    utilization: [0.4, 1],
    sm: [0.3, 0.97],
    tensorPerSm: [0.2, 0.85],
    dramPerSm: [0.2, 0.9],
    integerPerSm: [0.06, 0.25],
    fp32PerSm: [0.03, 0.3],
    integerShare: [0.7, 1],
    pcie: [5.5, 8.8],
    drift: [-2.5, -0.6],
    duty: [0.5, 1],
    offline: [0.5, 0.5],
    storage: [1, 8.8],
  },
  HPC,
  { ...HPC, name: 'hpc-one-gpu', nvlink: QUIET },
  {
    ...HPC,
    name: 'hpc-particles',
    // Short-range forces in single precision (Páll et al., "Heterogeneous parallelization in GROMACS", 2020).
    sm: [0.5, 0.97],
    tensorPerSm: [0, 0.02],
    dramPerSm: [0.05, 0.5],
    fp32PerSm: [0.3, 0.8],
    nvlink: QUIET,
    drift: [-2.5, -1.3],
    duty: [0.9, 1],
  },
  {
    ...HPC,
    ...RENDERING,
    name: 'render',
    sm: [0.5, 0.98],
    tensorPerSm: [0, 0.1],
    dramPerSm: [0.2, 0.6],
    integerPerSm: [0.15, 0.4],
    fp32PerSm: [0.3, 0.65],
    pcie: [6.3, 9.3],
    nvlink: QUIET,
    cycle: [1.3, 2.2],
    duty: [0.8, 0.98],
    drift: [-2.3, -1],
  },
  IDLE,
  { ...IDLE, name: 'idle-parked', memory: [0.02, 0.97], utilization: [0, 0.02], sm: [0, 0.004] },
  UNDESCRIBED,
  { ...UNDESCRIBED, ...STEADY, name: 'undescribed-steady-tensor-work-on-quiet-links' },
  {
    ...UNDESCRIBED,
    name: 'undescribed-work-without-tensor-cores',
    tensorPerSm: [0, 0.06],
    dramPerSm: [0, 1.5],
    integerPerSm: [0.05, 1],
    fp32PerSm: [0, 0.8],
    integerShare: NEVER,
    pcie: [4, 9.9],
  },
  HASH,
  {
    ...HASH,
    name: 'hash-pow-compute-bound',
    sm: [0.85, 1],
    dramPerSm: [0, 0.12],
    integerPerSm: [0.5, 1],
    memory: [0.005, 0.3],
  },
  { ...HASH, ...HIDDEN, name: 'hash-pow-hidden', sm: [0.2, 0.98], dramPerSm: [0, 2.2] },
  MATMUL,
  { ...MATMUL, ...HIDDEN, ...PROVING_HIDDEN, name: 'matmul-pow-hidden', sm: [0.3, 0.99] },
  {
    ...HASH,
    ...BATCH,
    name: 'proofs',
    behaviour: 'B7',
    // Sums over points and transforms of large integers: integer units, memory, and witnesses over PCIe (exp).
    utilization: [0.4, 1],
    sm: [0.3, 0.95],
    tensorPerSm: [0, 0.02],
    dramPerSm: [0.25, 0.9],
    integerPerSm: [0.5, 1],
    pcie: [7.5, 9.9],
    cycle: [0.5, 2],
    duty: [0.2, 0.9],
    rest: [0, 0.3],
    memory: [0.2, 0.97],
    drift: [-1.7, -0.7],
  },
];
