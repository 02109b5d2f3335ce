import type { Process, Workload } from '../workload.ts';

/**
 * Calibrated on federated-learning-node: utilisation 0.02 on the mean, 18 W, hours without work between short
 * bursts. The lengths are starting values.
 */
const NOTEBOOK = {
  pauseSeconds: 1_500,
  burstSeconds: 45,
  utilization: 0.62,
  sm: 0.4,
  tensor: 0.1,
  dram: 0.2,
};

/** Somebody tries things out: mostly idle, now and then a burst. */
export const notebook: Workload = {
  name: 'notebook',
  behaviour: 'B0',
  start: ({ random }): Process => {
    let left = NOTEBOOK.pauseSeconds * random.exponential();
    let busy = false;
    return (_timeMs, into) => {
      left -= 1;
      if (left <= 0) {
        busy = !busy;
        left = (busy ? NOTEBOOK.burstSeconds : NOTEBOOK.pauseSeconds) * random.exponential();
      }
      into.host.memory = 0.12;
      into.host.cpu = busy ? 0.11 : 0.004;
      if (!busy) return;
      for (const gpu of into.gpus) {
        const level = random.between(0.6, 1.2);
        gpu.utilization = NOTEBOOK.utilization * level;
        gpu.sm = NOTEBOOK.sm * level;
        gpu.tensor = NOTEBOOK.tensor * level;
        gpu.dram = NOTEBOOK.dram * level;
        gpu.memory = 0.4;
        gpu.pcieReceive = 3e8 * level;
      }
    };
  },
};
