import { onShare, type Process, type Workload } from '../workload.ts';

/** Starting values: one picture after the other, each GPU for itself, and a file at the end of each. */
const RENDER = {
  shortestSeconds: 40,
  longestSeconds: 140,
  /** Share of a picture's time that it is computed; the scene is loaded in the rest. */
  duty: 0.93,
  utilization: 0.99,
  sm: 0.86,
  tensor: 0.03,
  dram: 0.34,
  integer: 0.25,
  fp32: 0.5,
  memory: 0.42,
  cpu: 0.08,
  pictureBytesPerSecond: 4e7,
};

/** Rendering of pictures: GPUs full, tensor cores idle, files out. */
export const render: Workload = {
  name: 'render',
  behaviour: 'B3',
  start: ({ random, gpus }): Process => {
    const pictures = Array.from({ length: gpus }, () => ({
      seconds: random.between(RENDER.shortestSeconds, RENDER.longestSeconds),
      phaseMs: 1000 * random.between(0, 100),
      // Each camera has its own cost.
      cost: random.between(0.92, 1.04),
    }));
    return (timeMs, into) => {
      pictures.forEach(({ seconds, phaseMs, cost }, index) => {
        const gpu = into.gpus[index];
        if (gpu === undefined) return;
        const share = onShare(timeMs + phaseMs, seconds, RENDER.duty);
        const level = share * cost * (1 + 0.015 * random.normal());
        gpu.utilization = RENDER.utilization * share;
        gpu.sm = RENDER.sm * level;
        gpu.tensor = RENDER.tensor * level;
        gpu.dram = RENDER.dram * level;
        gpu.integer = RENDER.integer * level;
        gpu.fp32 = RENDER.fp32 * level;
        gpu.memory = RENDER.memory;
        gpu.pcieReceive = 5e7 * share + 2e9 * (1 - share);
        gpu.pcieTransmit = 1e7 * share;
        into.host.diskWrite += RENDER.pictureBytesPerSecond * (1 - share);
      });
      into.host.cpu = RENDER.cpu;
      into.host.memory = 0.35;
    };
  },
};
