import { wander } from '../random.ts';
import { onShare, type Process, type Workload } from '../workload.ts';

/** Starting values: a solver in double precision, bound by memory, that exchanges its borders and writes its state. */
const HPC = {
  stepSeconds: 7,
  duty: 0.85,
  utilization: 0.96,
  sm: 0.55,
  tensor: 0.06,
  dram: 0.68,
  integer: 0.1,
  fp32: 0.05,
  memory: 0.6,
  cpu: 0.45,
  fabric: 3e9,
  nvlink: 4e9,
  outputEverySeconds: 600,
  outputSeconds: 12,
  outputBytesPerSecond: 8e8,
};

/** Simulation on GPUs and CPUs of several nodes. */
export const hpc: Workload = {
  name: 'hpc',
  behaviour: 'B3',
  start: ({ random }): Process => {
    const drift = wander(random, 0.05, 0.9);
    const phaseMs = 1000 * random.between(0, HPC.outputEverySeconds);
    return (timeMs, into) => {
      const writing = onShare(
        timeMs + phaseMs,
        HPC.outputEverySeconds,
        HPC.outputSeconds / HPC.outputEverySeconds,
      );
      const solving = onShare(timeMs + phaseMs, HPC.stepSeconds, HPC.duty) * (1 - writing);
      const level = (0.15 + 0.85 * solving) * (1 + drift());
      for (const gpu of into.gpus) {
        gpu.utilization = HPC.utilization * level;
        gpu.sm = HPC.sm * level;
        gpu.tensor = HPC.tensor * level;
        gpu.dram = HPC.dram * level;
        gpu.integer = HPC.integer * level;
        gpu.fp32 = HPC.fp32 * level;
        gpu.memory = HPC.memory;
        gpu.pcieReceive = 4e8 * (1 - solving);
        gpu.pcieTransmit = 4e8 * (1 - solving);
        gpu.nvlinkReceive = HPC.nvlink * (1 - solving);
        gpu.nvlinkTransmit = HPC.nvlink * (1 - solving);
      }
      into.host.cpu = HPC.cpu * (0.7 + 0.3 * level);
      into.host.memory = 0.5;
      into.host.fabricReceive = HPC.fabric * (1 - solving);
      into.host.fabricTransmit = HPC.fabric * (1 - solving);
      into.host.diskWrite = HPC.outputBytesPerSecond * writing;
    };
  },
};
