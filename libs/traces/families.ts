import type { Behaviour } from '#libs/model/behaviour.ts';
import {
  ANYTHING,
  BATCH,
  POOLED,
  PROVING,
  PROVING_HIDDEN,
  type Range,
  READING,
  RENDERING,
  SERVING,
  SOLVING,
  STILL,
  type Traffic,
} from './traffic.ts';

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

const NEVER: Range = [0, 0];
/** Counters of a link that nothing uses; h100-idle-model-loaded reads 6e5 bytes per second each way. */
const QUIET: Range = [3, 6.4];

/**
 * Floating-point tensor work of half to most of the multiprocessors' time: a model FLOP utilisation of 30 to 50 % is
 * good for large models, small ones reach a tenth (Chowdhery et al., "PaLM", 2022, table 3; DCGM's documentation of
 * its profiling fields). A step's data come over PCIe, gradients over NVLink.
 */
const TRAINING: Family = {
  ...READING,
  name: 'training-data-parallel',
  behaviour: 'B1',
  utilization: [0.6, 1],
  sm: [0.3, 0.95],
  tensorPerSm: [0.15, 0.75],
  dramPerSm: [0.25, 0.75],
  integerPerSm: [0.06, 0.2],
  fp32PerSm: [0.1, 0.35],
  integerShare: NEVER,
  memory: [0.1, 0.97],
  pcie: [7, 9.3],
  nvlink: [8.8, 11.4],
  drift: [-2, -0.9],
  cycle: [-0.5, 1.3],
  duty: [0.7, 1],
  rest: [0, 0.4],
  heldPower: NEVER,
};

/**
 * Decoding reads all weights for a token: bound by memory, tensor cores wait (Pope et al., "Efficiently scaling
 * transformer inference", 2022, section 2). The cache of keys and values takes the memory that is left.
 */
const INFERENCE: Family = {
  ...TRAINING,
  ...SERVING,
  name: 'inference-decode',
  behaviour: 'B2',
  utilization: [0.3, 1],
  sm: [0.06, 0.75],
  tensorPerSm: [0.02, 0.25],
  dramPerSm: [0.4, 1.15],
  memory: [0.2, 0.97],
  pcie: [6, 8.8],
  nvlink: QUIET,
  drift: [-1.8, -0.5],
  cycle: [-0.3, 1.8],
  duty: [0.4, 1],
  rest: [0.05, 0.8],
};

/** DOMAIN 6.3, B4: multiprocessors about full, no tensor work, links quiet, memory and power constant. */
const HASH: Family = {
  ...POOLED,
  name: 'hash-pow-memory-hard',
  behaviour: 'B4',
  utilization: [0.96, 1],
  // Threads wait for memory: the set is read at random, near the limit of its bandwidth (Ethash, Wood 2014, app. J).
  sm: [0.3, 0.98],
  tensorPerSm: [0, 0.005],
  dramPerSm: [0.85, 2.2],
  integerPerSm: [0.2, 0.8],
  fp32PerSm: [0, 0.05],
  integerShare: NEVER,
  memory: [0.03, 0.99],
  // Headers in, nonces out: what is left is the polling of the host.
  pcie: [4, 6.7],
  nvlink: QUIET,
  drift: [-2.7, -1.7],
  cycle: [0, 1],
  duty: [1, 1],
  rest: [1, 1],
  heldPower: NEVER,
};

/** DOMAIN 6.3 and 11 (J1), B5: integer tensor work most of the time, whose operands stay on the card. */
const MATMUL: Family = {
  ...HASH,
  ...PROVING,
  name: 'matmul-pow',
  behaviour: 'B5',
  sm: [0.75, 0.99],
  tensorPerSm: [0.6, 1],
  dramPerSm: [0.08, 0.5],
  integerPerSm: [0.05, 0.3],
  fp32PerSm: [0, 0.08],
  integerShare: [0.9, 1],
  memory: [0.05, 0.9],
  pcie: [4.5, 7.2],
};

/** Solvers in double precision: bound by memory, borders exchanged in every step (the roofline of Williams 2009). */
const HPC: Family = {
  ...TRAINING,
  ...SOLVING,
  name: 'hpc-memory-bound',
  behaviour: 'B3',
  utilization: [0.6, 1],
  sm: [0.3, 0.9],
  tensorPerSm: [0, 0.12],
  dramPerSm: [0.55, 1.3],
  fp32PerSm: [0, 0.4],
  memory: [0.05, 0.95],
  pcie: [7, 9.7],
  nvlink: [7.5, 10.3],
  drift: [-2, -0.8],
  cycle: [-0.3, 1.3],
  duty: [0.6, 1],
  rest: [0, 0.4],
};

/** C3 of DOMAIN 9: held back in strength, or on for a part of the time. */
const HIDDEN: Pick<Family, 'cycle' | 'duty' | 'rest'> = {
  cycle: [0.6, 2],
  duty: [0.35, 0.95],
  rest: [0, 0.6],
};

/** Without a pause, and without any wander to speak of. */
const STEADY: Pick<Family, 'sm' | 'drift' | 'duty' | 'utilization'> = {
  utilization: [0.85, 1],
  sm: [0.5, 0.99],
  drift: [-2.7, -1.6],
  duty: [1, 1],
};

/**
 * Work that nobody has described: what tensor cores do with operands that never leave the card, and what is done
 * without tensor cores. Wide on purpose: a window that lies in it and in a known family is no sure case of either
 * (DOMAIN 8.1: matmul proof-of-work against INT8 inference is told apart only in part).
 */
const UNDESCRIBED: Family = {
  ...HASH,
  ...ANYTHING,
  name: 'undescribed-tensor-work-on-quiet-links',
  behaviour: 'B13',
  utilization: [0.2, 1],
  sm: [0.1, 0.99],
  tensorPerSm: [0.15, 1],
  dramPerSm: [0.05, 0.9],
  integerPerSm: [0.05, 0.4],
  fp32PerSm: [0, 0.35],
  integerShare: [0, 1],
  memory: [0.03, 0.97],
  pcie: [4, 7.4],
  drift: [-2.7, -0.7],
  cycle: [-0.3, 2],
  duty: [0.3, 1],
  rest: [0, 0.8],
};

const IDLE: Family = {
  ...HASH,
  ...STILL,
  name: 'idle-bare',
  behaviour: 'B0',
  utilization: [0, 0.01],
  sm: NEVER,
  tensorPerSm: NEVER,
  dramPerSm: NEVER,
  integerPerSm: NEVER,
  memory: [0, 0.03],
  pcie: QUIET,
};

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
    // The hard negative of matmul proof-of-work: half of its runs work off a queue that is there.
    ...INFERENCE,
    name: 'inference-int8',
    sm: [0.3, 0.97],
    tensorPerSm: [0.2, 0.75],
    dramPerSm: [0.3, 0.9],
    integerShare: [0.7, 1],
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
