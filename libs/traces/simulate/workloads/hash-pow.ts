import { wander } from '../random.ts';
import type { Place, Process, Workload } from '../workload.ts';
import { poolSession, STRATUM } from './pool.ts';

interface HashParameters {
  readonly name: string;
  readonly utilization: number;
  readonly sm: number;
  readonly dram: number;
  readonly integer: number;
  readonly memory: number;
  readonly cpu: number;
}

/** DOMAIN 6.3, B4: SM about full, tensor none, memory constant, power very flat. */
const MEMORY_HARD: HashParameters = {
  name: 'hash-pow-memory-hard',
  // miner-nbminer and miner-srbminer: 1.0 once it runs.
  utilization: 0.998,
  // Starting values: threads wait for memory.
  sm: 0.68,
  dram: 0.93,
  integer: 0.35,
  // The four GPU miners: 0.49 to 0.99 of a small card; a data-centre card holds the same set in less.
  memory: 0.12,
  // miner-nbminer 0.02, miner-srbminer 0.12.
  cpu: 0.01,
};

/** Starting values: no memory to speak of, integer units full. */
const COMPUTE_BOUND: HashParameters = {
  ...MEMORY_HARD,
  name: 'hash-pow-compute-bound',
  sm: 0.97,
  dram: 0.03,
  integer: 0.97,
  memory: 0.03,
};

export const hashPowMemoryHard = hashPow(MEMORY_HARD);
export const hashPowComputeBound = hashPow(COMPUTE_BOUND);

function hashPow(parameters: HashParameters): Workload {
  return { name: parameters.name, behaviour: 'B4', start: (place) => start(parameters, place) };
}

function start(p: HashParameters, { random }: Place): Process {
  const drift = wander(random, 0.004, 0.9);
  const pool = poolSession(STRATUM, random);
  return (_timeMs, into) => {
    const level = 1 + drift();
    for (const gpu of into.gpus) {
      gpu.utilization = p.utilization;
      gpu.sm = p.sm * level;
      gpu.dram = p.dram * level;
      gpu.integer = p.integer * level;
      gpu.memory = p.memory;
      gpu.pcieTransmit = 2e5;
      gpu.pcieReceive = 2e5;
    }
    into.host.cpu = p.cpu;
    into.host.memory = 0.02;
    pool(into, into.gpus.length);
  };
}
