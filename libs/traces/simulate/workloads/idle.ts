import type { Process, Workload } from '../workload.ts';

/** Switched on, nothing runs. */
export const idle: Workload = { name: 'idle', behaviour: 'B0', start: (): Process => () => undefined };

/** h100-idle-model-loaded: 17.4 of 85.5 GB, PCIe below 1 MB/s each way. */
const PARKED = { memory: 0.2, pcieTransmit: 7.1e5, pcieReceive: 6.1e5 };

/** A model is loaded and nobody asks it. */
export const parkedModel: Workload = {
  name: 'idle-model-loaded',
  behaviour: 'B0',
  start: (): Process => (_timeMs, into) => {
    for (const gpu of into.gpus) Object.assign(gpu, PARKED);
    into.host.memory = 0.08;
  },
};
