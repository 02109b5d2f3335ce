import { onShare, type Process, type Workload } from '../workload.ts';

/** DOMAIN 2 no. 6 and 6.3, B9: long single-thread CPU, then a burst on the GPU; heavy disk; a proof a day. Starting values. */
const STORAGE = {
  sealSeconds: 5_400,
  snarkSeconds: 420,
  proofEverySeconds: 86_400,
  proofSeconds: 600,
  peers: 12,
  uploadBytes: 400_000,
};

/** Storage for tokens: sectors are sealed, proven and served. */
export const storage: Workload = {
  name: 'storage',
  behaviour: 'B9',
  start: ({ random, hardware }): Process => {
    const phaseMs = 1000 * random.between(0, STORAGE.sealSeconds);
    const thread = 1 / hardware.host.cores;
    return (timeMs, into) => {
      const snark = onShare(
        timeMs + phaseMs,
        STORAGE.sealSeconds,
        STORAGE.snarkSeconds / STORAGE.sealSeconds,
      );
      const proof = onShare(
        timeMs,
        STORAGE.proofEverySeconds,
        STORAGE.proofSeconds / STORAGE.proofEverySeconds,
      );
      const burst = Math.max(snark, proof);
      for (const gpu of into.gpus) {
        gpu.utilization = 0.9 * burst;
        gpu.sm = 0.7 * burst;
        gpu.integer = 0.7 * burst;
        gpu.dram = 0.3 * burst;
        gpu.memory = burst > 0 ? 0.4 : 0;
      }
      into.host.cpu = thread * 2 + 0.1 * burst;
      into.host.memory = 0.45;
      into.host.diskRead = 1.2e8 + 6e8 * burst;
      into.host.diskWrite = 2.4e8 * random.between(0.7, 1.3);
      for (let peer = 0; peer < STORAGE.peers; peer++) {
        const up = random.uniform() < 0.3 ? STORAGE.uploadBytes * random.exponential() : 0;
        into.flows.push({ peer: `client-${peer}`, up, down: up / 40 });
      }
    };
  },
};
