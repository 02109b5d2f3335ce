import { wander } from '../random.ts';
import type { Process, Workload } from '../workload.ts';
import { poolSession } from './pool.ts';

/** DOMAIN 11, J1 step 1: integer tensor cores 0.83, others 0.01, power CV 1.3 %, no NVLink. The rest: starting values. */
const MATMUL = {
  utilization: 0.99,
  sm: 0.95,
  tensor: 0.84,
  imma: 0.83,
  integer: 0.15,
  dram: 0.22,
  memory: 0.31,
  cpu: 0.03,
};

/**
 * DOMAIN 6.3 and its source 31: shares of about 368 kB every few seconds; J1: 3.1 Mbit/s up from eight GPUs,
 * fourteen times what comes down.
 */
const SHARES = {
  shareSeconds: 7.6,
  shareBytes: 368_000,
  jobSeconds: 12,
  jobBytes: 8_000,
  replyBytes: 25_000,
};

/** Proof-of-work by matrix multiplication: to counters almost inference, to the network card not. */
export const matmulPow: Workload = {
  name: 'matmul-pow',
  behaviour: 'B5',
  start: ({ random }): Process => {
    const drift = wander(random, 0.012, 0.9);
    const pool = poolSession(SHARES, random);
    return (_timeMs, into) => {
      const level = 1 + drift();
      for (const gpu of into.gpus) {
        gpu.utilization = MATMUL.utilization;
        gpu.sm = MATMUL.sm * level;
        gpu.tensor = MATMUL.tensor * level;
        gpu.imma = MATMUL.imma * level;
        gpu.integer = MATMUL.integer * level;
        gpu.dram = MATMUL.dram * level;
        gpu.memory = MATMUL.memory;
        gpu.pcieTransmit = 2e6;
        gpu.pcieReceive = 1.2e6;
      }
      into.host.cpu = MATMUL.cpu;
      into.host.memory = 0.05;
      pool(into, into.gpus.length);
    };
  },
};
