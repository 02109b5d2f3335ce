/** What the families of one kind of work have in common, before each says how it differs. */
import type { Family } from './families.ts';
import { ANYTHING, POOLED, PROVING, type Range, READING, SERVING, SOLVING, STILL } from './traffic.ts';

export const NEVER: Range = [0, 0];
/** Counters of a link that nothing uses; h100-idle-model-loaded reads 6e5 bytes per second each way. */
export const QUIET: Range = [3, 6.4];

/**
 * Floating-point tensor work of half to most of the multiprocessors' time: a model FLOP utilisation of 30 to 50 % is
 * good for large models, small ones reach a tenth (Chowdhery et al., "PaLM", 2022, table 3; DCGM's documentation of
 * its profiling fields). A step's data come over PCIe, gradients over NVLink.
 */
export const TRAINING: Family = {
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
export const INFERENCE: Family = {
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
export const HASH: Family = {
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
export const MATMUL: Family = {
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
export const HPC: Family = {
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
export const HIDDEN: Pick<Family, 'cycle' | 'duty' | 'rest'> = {
  cycle: [0.6, 2],
  duty: [0.35, 0.95],
  rest: [0, 0.6],
};

/** Without a pause, and without any wander to speak of. */
export const STEADY: Pick<Family, 'sm' | 'drift' | 'duty' | 'utilization'> = {
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
export const UNDESCRIBED: Family = {
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

export const IDLE: Family = {
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
