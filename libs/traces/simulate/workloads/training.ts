import type { Activity } from '../activity.ts';
import { wander } from '../random.ts';
import { onShare, type Place, type Process, type Workload } from '../workload.ts';

/** How a training job looks from outside. Ratios 0–1 of one GPU, bytes per second, seconds. */
export interface TrainingParameters {
  readonly name: string;
  /** While it computes. */
  readonly utilization: number;
  readonly sm: number;
  readonly tensor: number;
  readonly dram: number;
  readonly memory: number;
  readonly pcieReceive: number;
  readonly pcieTransmit: number;
  readonly nvlink: number;
  readonly fabric: number;
  /** Of the host, all cores: data loaders. */
  readonly cpu: number;
  readonly hostMemory: number;
  readonly diskRead: number;
  /** Relative wander of the activity in the long run, and its memory from one second to the next. */
  readonly drift: number;
  readonly driftMemory: number;
  /** A step: it computes for `duty` of it, and waits for its peers or its data in the rest. */
  readonly stepSeconds: number;
  readonly duty: number;
  readonly checkpointEverySeconds: number;
  readonly checkpointSeconds: number;
  readonly checkpointBytesPerSecond: number;
  /** Power smoothing: what is held at least, share of the limit. */
  readonly heldPower: number;
}

/** All GPUs step together, once or more a second: at 1 Hz the steps vanish and the level stays. */
const DATA_PARALLEL: TrainingParameters = {
  name: 'training-data-parallel',
  // Calibrated on h100-small-ddp, medians over 8 GPUs: utilisation 0.85, SM 0.64, tensor 0.19, DRAM 0.32.
  utilization: 0.85,
  sm: 0.64,
  tensor: 0.194,
  dram: 0.323,
  // h100-gpt350m-ckpt500: 43 of 85 GB; h100-small-ddp alone has 0.15.
  memory: 0.5,
  // h100-small-ddp.
  pcieReceive: 7.4e7,
  pcieTransmit: 1.27e7,
  nvlink: 8.9e9,
  // h100-fabric-t12: 12 GB/s.
  fabric: 1.2e10,
  // Starting values.
  cpu: 0.18,
  hostMemory: 0.25,
  diskRead: 1.5e8,
  // h100-small-ddp: power sd 19 W of 547 over the run, correlation 0.79.
  drift: 0.045,
  driftMemory: 0.85,
  stepSeconds: 1,
  duty: 1,
  // DOMAIN 11, J1 step 4: checkpoints every 30 minutes; length and rate are starting values.
  checkpointEverySeconds: 1_800,
  checkpointSeconds: 25,
  checkpointBytesPerSecond: 1.5e9,
  heldPower: 0,
};

/** Long quiet stretches of pure computing between exchanges: flatter power than plain data-parallel. */
const GRADIENT_ACCUMULATION: TrainingParameters = {
  ...DATA_PARALLEL,
  name: 'training-gradient-accumulation',
  // Starting values: eight micro-batches, then one exchange.
  stepSeconds: 16,
  duty: 0.92,
  utilization: 0.97,
  sm: 0.8,
  tensor: 0.3,
  drift: 0.012,
};

/** Parameters move over PCIe in every step; the GPUs wait most of the time. */
const OFFLOAD: TrainingParameters = {
  ...DATA_PARALLEL,
  name: 'training-offload',
  // Calibrated on h100-fsdp-offload: means 0.137, 0.09, 0.057, 0.039 over the run, four times that in its bursts.
  utilization: 0.53,
  sm: 0.346,
  tensor: 0.218,
  dram: 0.15,
  memory: 0.4,
  pcieReceive: 5.4e9,
  pcieTransmit: 2.3e9,
  nvlink: 1.9e10,
  cpu: 0.35,
  hostMemory: 0.6,
  drift: 0.05,
  driftMemory: 0.3,
  // Correlation −0.3 from one second to the next.
  stepSeconds: 2.7,
  duty: 0.26,
};

/** DOMAIN 6.3 and 11, J1 step 4: CV of power 0.9 %. What is held is a starting value. */
const POWER_SMOOTHED: TrainingParameters = {
  ...DATA_PARALLEL,
  name: 'training-power-smoothed',
  utilization: 0.95,
  sm: 0.7,
  tensor: 0.25,
  nvlink: 1.8e11,
  drift: 0.02,
  heldPower: 0.86,
};

/** AI training by any of the parameter sets of this file, or one of its own. */
export function training(parameters: TrainingParameters): Workload {
  return { name: parameters.name, behaviour: 'B1', start: (place) => start(parameters, place) };
}

export const trainingDataParallel = training(DATA_PARALLEL);
export const trainingGradientAccumulation = training(GRADIENT_ACCUMULATION);
export const trainingOffload = training(OFFLOAD);
export const trainingPowerSmoothed = training(POWER_SMOOTHED);

function start(p: TrainingParameters, { random }: Place): Process {
  const drift = wander(random, p.drift, p.driftMemory);
  const phaseMs = 1000 * random.between(0, p.checkpointEverySeconds);
  return (timeMs, into) => {
    const saving = onShare(
      timeMs + phaseMs,
      p.checkpointEverySeconds,
      p.checkpointSeconds / p.checkpointEverySeconds,
    );
    const computing = onShare(timeMs + phaseMs, p.stepSeconds, p.duty) * (1 - saving);
    work(p, into, computing * (1 + drift()));
    into.host.diskWrite += saving * p.checkpointBytesPerSecond;
  };
}

function work(p: TrainingParameters, { host, gpus }: Activity, level: number): void {
  for (const gpu of gpus) {
    gpu.utilization = p.utilization * level;
    gpu.sm = p.sm * level;
    gpu.tensor = p.tensor * level;
    gpu.dram = p.dram * level;
    // Starting values: addresses, norms and optimisers.
    gpu.integer = 0.12 * p.sm * level;
    gpu.fp32 = 0.2 * p.sm * level;
    gpu.memory = p.memory;
    gpu.pcieReceive = p.pcieReceive * level;
    gpu.pcieTransmit = p.pcieTransmit * level;
    gpu.nvlinkReceive = p.nvlink * level * 0.96;
    gpu.nvlinkTransmit = p.nvlink * level;
    gpu.heldPower = p.heldPower;
  }
  host.cpu = p.cpu * (0.5 + 0.5 * level);
  host.memory = p.hostMemory;
  host.diskRead = p.diskRead * level;
  host.fabricReceive = p.fabric * level;
  host.fabricTransmit = p.fabric * level;
}
