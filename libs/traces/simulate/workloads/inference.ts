import type { Activity } from '../activity.ts';
import { wander } from '../random.ts';
import { hourOfDay, onShare, type Place, type Process, type Workload } from '../workload.ts';

interface ServingParameters {
  /** At full demand, ratios 0–1 of one GPU. */
  readonly utilization: number;
  readonly sm: number;
  readonly tensor: number;
  /** Share of the tensor work that is on integers. */
  readonly integerShare: number;
  readonly dram: number;
  /** Weights and key-value cache, taken once. */
  readonly memory: number;
  readonly pcieReceive: number;
  readonly pcieTransmit: number;
  readonly cpu: number;
  readonly hostMemory: number;
}

/**
 * Calibrated on h100-speculative-decoding: SM 0.24, tensor 0.037, DRAM 0.15 at utilisation 0.69, PCIe 0.29 and
 * 0.03 GB/s; here raised to full demand. Memory, CPU: starting values for a server that keeps its cache ready.
 */
const SERVING: ServingParameters = {
  utilization: 0.92,
  sm: 0.4,
  tensor: 0.11,
  integerShare: 0,
  dram: 0.34,
  memory: 0.86,
  pcieReceive: 3.6e8,
  pcieTransmit: 4e7,
  cpu: 0.12,
  hostMemory: 0.2,
};

interface RequestParameters {
  /** Demand at the quietest hour as a share of the busiest. DOMAIN 11, J1: power by day over night at least 1.4. */
  readonly nightRatio: number;
  readonly peakHour: number;
  readonly utcOffsetHours: number;
  /** At full demand; bytes in and out of one request: starting values. */
  readonly requestsPerSecond: number;
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly balancers: number;
}

const REQUESTS: RequestParameters = {
  nightRatio: 0.2,
  peakHour: 15,
  utcOffsetHours: 0,
  requestsPerSecond: 24,
  requestBytes: 2_400,
  answerBytes: 9_000,
  balancers: 2,
};

/** Inference that follows its customers: by day and night, in the rhythm of requests. */
export function inferenceOnRequest(changes: Partial<RequestParameters> = {}): Workload {
  const parameters = { ...REQUESTS, ...changes };
  return {
    name: 'inference-on-request',
    behaviour: 'B2',
    start: (place) => startServing(parameters, place),
  };
}

/** Demand by the hour: a cosine between the night's share and 1, 0–1. */
function demandAt(timeMs: number, { nightRatio, peakHour, utcOffsetHours }: RequestParameters): number {
  const angle = ((hourOfDay(timeMs, utcOffsetHours) - peakHour) / 24) * 2 * Math.PI;
  return nightRatio + ((1 - nightRatio) * (1 + Math.cos(angle))) / 2;
}

function startServing(parameters: RequestParameters, { random, gpus }: Place): Process {
  // h100-speculative-decoding: SM 0.24 ± 0.023, correlation 0.5; requests add to it.
  const crowd = wander(random, 0.12, 0.9);
  const own = Array.from({ length: gpus }, () => wander(random, 0.08, 0.5));
  return (timeMs, into) => {
    const demand = Math.min(1, demandAt(timeMs, parameters) * Math.max(0.2, 1 + crowd()));
    own.forEach((noise, gpu) => {
      serve(SERVING, into, gpu, Math.max(0, demand * (1 + noise())));
    });
    into.host.cpu = 0.02 + SERVING.cpu * demand;
    into.host.memory = SERVING.hostMemory;
    const requests = parameters.requestsPerSecond * demand * (1 + 0.2 * random.normal());
    for (let balancer = 0; balancer < parameters.balancers; balancer++) {
      const share = Math.max(0, Math.round(requests / parameters.balancers));
      into.flows.push({
        peer: `balancer-${balancer}`,
        up: share * parameters.answerBytes,
        down: share * parameters.requestBytes,
      });
    }
  };
}

function serve(p: ServingParameters, into: Activity, index: number, level: number): void {
  const gpu = into.gpus[index];
  if (gpu === undefined) return;
  // Utilisation saturates: some kernel runs in most milliseconds long before the chip is full.
  gpu.utilization = Math.min(1, p.utilization * level ** 0.6);
  gpu.sm = p.sm * level;
  gpu.tensor = p.tensor * level;
  gpu.imma = p.tensor * p.integerShare * level;
  // Starting values.
  gpu.integer = 0.12 * p.sm * level;
  gpu.fp32 = 0.2 * p.sm * level;
  gpu.dram = p.dram * level;
  gpu.memory = p.memory;
  gpu.pcieReceive = p.pcieReceive * level;
  gpu.pcieTransmit = p.pcieTransmit * level;
}

/** Calibrated on rtx4090-vlm: utilisation 0.83 ± 0.19, memory controller 0.40 (DRAM 0.31), memory 0.77 of 24 GB. */
const BATCH: ServingParameters = {
  ...SERVING,
  utilization: 0.97,
  sm: 0.62,
  tensor: 0.14,
  dram: 0.36,
  memory: 0.77,
  cpu: 0.1,
};
/** A batch and the pause in which the next is prepared; starting values that give the run's sd of utilisation. */
const BATCH_SECONDS = 23;
const BATCH_DUTY = 0.84;

/** Inference over a stored set: no customers, no night. */
export const inferenceBatch: Workload = {
  name: 'inference-batch',
  behaviour: 'B2',
  start: ({ random, gpus }) => startBatch(BATCH, 0.05, BATCH_DUTY, { random, gpus }),
};

/** As a quantised model keeps the integer tensor cores busy: the hard negative of matmul proof-of-work. Starting values. */
const INT8: ServingParameters = {
  ...BATCH,
  utilization: 0.99,
  sm: 0.86,
  tensor: 0.52,
  integerShare: 0.96,
  dram: 0.52,
  memory: 0.9,
};

export const inferenceInt8: Workload = {
  name: 'inference-int8',
  behaviour: 'B2',
  start: ({ random, gpus }) => startBatch(INT8, 0.02, 0.97, { random, gpus }),
};

function startBatch(
  p: ServingParameters,
  noise: number,
  duty: number,
  { random, gpus }: Pick<Place, 'random' | 'gpus'>,
): Process {
  const drift = wander(random, noise, 0.8);
  const phases = Array.from({ length: gpus }, () => 1000 * random.between(0, BATCH_SECONDS));
  return (timeMs, into) => {
    const level = 1 + drift();
    phases.forEach((phase, gpu) => {
      serve(p, into, gpu, level * (0.12 + 0.88 * onShare(timeMs + phase, BATCH_SECONDS, duty)));
    });
    into.host.cpu = p.cpu;
    into.host.memory = p.hostMemory;
    into.host.diskRead = 2e7;
  };
}
