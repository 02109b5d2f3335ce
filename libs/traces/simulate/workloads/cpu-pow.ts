import { wander } from '../random.ts';
import type { Process, Workload } from '../workload.ts';
import { poolSession, STRATUM } from './pool.ts';

/** DOMAIN 6.1: a set of 2,080 MB. browser-miner-throttle-100: flat CPU power at its limit. One thread is left free. */
const SET_BYTES = 2.2e9;
const THREADS = 0.93;

/** Proof-of-work on the CPU, as RandomX: flat CPU, a set in memory, GPUs idle. */
export const cpuPow: Workload = {
  name: 'cpu-pow',
  behaviour: 'B6',
  start: ({ random, hardware }): Process => {
    const drift = wander(random, 0.01, 0.9);
    const pool = poolSession({ ...STRATUM, shareSeconds: 45 }, random);
    return (_timeMs, into) => {
      into.host.cpu = THREADS * (1 + drift());
      into.host.memory = SET_BYTES / hardware.host.memoryBytes;
      pool(into, 1);
    };
  },
};
