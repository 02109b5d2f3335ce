import type { Workload } from '../simulate/workload.ts';
import { cpuPow } from '../simulate/workloads/cpu-pow.ts';
import { hashPowComputeBound, hashPowMemoryHard } from '../simulate/workloads/hash-pow.ts';
import { matmulPow } from '../simulate/workloads/matmul-pow.ts';

/** The proof-of-work families of the simulator: what the suite hides. */
export const MINERS: readonly Workload[] = [hashPowMemoryHard, hashPowComputeBound, matmulPow, cpuPow];
