/**
 * How work is hidden or held back (DOMAIN 9): functions from a workload to a workload. What is wrapped keeps its
 * label: a throttled miner is a miner.
 */
import { add, clear, idleActivity } from './activity.ts';
import { hourOfDay, type Process, type Workload } from './workload.ts';

/** Share of itself that a workload shows at a time, 0–1; at 0 it is not there at all: no memory, no connection. */
type Gain = (timeMs: number) => number;

function gated(workload: Workload, suffix: string, begin: () => Gain): Workload {
  return {
    name: `${workload.name} ${suffix}`,
    behaviour: workload.behaviour,
    start: (place): Process => {
      const process = workload.start(place);
      const scratch = idleActivity(place.gpus);
      const gain = begin();
      return (timeMs, into) => {
        clear(scratch);
        process(timeMs, scratch);
        const share = gain(timeMs);
        if (share > 0) add(into, scratch, share);
      };
    },
  };
}

/** C3: runs at a share of its strength, always. @param ratio 0–1 */
export function throttled(workload: Workload, ratio: number): Workload {
  return gated(workload, `at ${ratio}`, () => () => ratio);
}

/** C3: an hour on, an hour off, and the like. */
export function dutyCycled(workload: Workload, onSeconds: number, offSeconds: number): Workload {
  const isOn: Gain = (timeMs) => Number(((timeMs - 1) / 1000) % (onSeconds + offSeconds) < onSeconds);
  return gated(workload, `${onSeconds} s on, ${offSeconds} s off`, () => isOn);
}

/** C3: from one hour of the local day to another, over midnight where the first is later. */
export function atHours(workload: Workload, from: number, to: number, utcOffsetHours = 0): Workload {
  const isOn: Gain = (timeMs) => {
    const hour = hourOfDay(timeMs - 1, utcOffsetHours);
    return Number(from <= to ? hour >= from && hour < to : hour >= from || hour < to);
  };
  return gated(workload, `at hours ${from}–${to}`, () => isOn);
}

/** C16: grows from nothing to its full strength over so many seconds. */
export function ramped(workload: Workload, seconds: number): Workload {
  return gated(workload, `ramped over ${seconds} s`, () => {
    let beganMs: number | null = null;
    return (timeMs) => {
      beganMs ??= timeMs - 1000;
      return Math.min(1, (timeMs - beganMs) / 1000 / seconds);
    };
  });
}

export interface Pause {
  readonly fromMs: number;
  readonly toMs: number;
}

/** C4: is not there on the days of inspection. */
export function pausedDuring(workload: Workload, pauses: readonly Pause[]): Workload {
  const isOn: Gain = (timeMs) =>
    Number(!pauses.some(({ fromMs, toMs }) => timeMs > fromMs && timeMs <= toMs));
  return gated(workload, 'paused at inspections', () => isOn);
}

/** Starting values: what a small service's customers would send and get. */
const DECOY_TRAFFIC = { requestsPerSecond: 6, requestBytes: 2_000, answerBytes: 8_000 };

/** C5, C9: traffic of customers who do not exist. */
export function withDecoyTraffic(workload: Workload): Workload {
  return {
    name: `${workload.name} with decoy traffic`,
    behaviour: workload.behaviour,
    start: (place): Process => {
      const random = place.random.fork();
      const process = workload.start(place);
      return (timeMs, into) => {
        process(timeMs, into);
        const requests = Math.max(
          0,
          Math.round(DECOY_TRAFFIC.requestsPerSecond * (1 + 0.4 * random.normal())),
        );
        const { requestBytes, answerBytes } = DECOY_TRAFFIC;
        into.flows.push({ peer: 'decoy', up: requests * answerBytes, down: requests * requestBytes });
      };
    },
  };
}

/** Starting values: products of random matrices, as much as looks like a model at work. */
const DECOY_TENSOR = { tensor: 0.15, sm: 0.15, nvlink: 6e9 };

/** C5: tensor work without a purpose beside the real work, at its cost. @param share of each GPU, 0–1 */
export function withDecoyTensor(workload: Workload, share = 0.15): Workload {
  const rest = 1 - share;
  return {
    name: `${workload.name} with decoy tensor work`,
    behaviour: workload.behaviour,
    start: (place): Process => {
      const process = workload.start(place);
      const scratch = idleActivity(place.gpus);
      return (timeMs, into) => {
        clear(scratch);
        process(timeMs, scratch);
        add(into, scratch, rest);
        for (const gpu of into.gpus) {
          if (gpu.utilization === 0) continue;
          gpu.utilization += share;
          gpu.sm += (DECOY_TENSOR.sm * share) / 0.15;
          gpu.tensor += (DECOY_TENSOR.tensor * share) / 0.15;
          gpu.nvlinkTransmit += DECOY_TENSOR.nvlink;
          gpu.nvlinkReceive += DECOY_TENSOR.nvlink;
        }
      };
    },
  };
}
