import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '#libs/bus/port.ts';
import { DEFAULT_INTERVAL_MS } from '#libs/model/frame.ts';
import { LoadFleet, type LoadGpus } from './load-fleet.ts';

/** Frames of one call of the bus, and calls under way: what bounds memory beside the fleet itself. */
const BATCH_BYTES = 1_000_000;
const BATCH_FRAMES = 1_000;
const CALLS = 3;
const STEPS_A_MINUTE = 60_000 / DEFAULT_INTERVAL_MS;

export interface LoadPlan {
  readonly nodes: number;
  readonly gpus: LoadGpus;
  readonly seed: number;
  /** Event time that is written, ending now. */
  readonly minutes: number;
  /** Frames per second; null: as fast as the bus takes them. */
  readonly rate: number | null;
}

export interface LoadOutcome {
  readonly nodes: number;
  readonly frames: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** CPU of this process, with the bus's client in it, as a share of one core. */
  readonly cpuCores: number;
  readonly framesPerCpuSecond: number;
  readonly rssBytes: number;
}

/**
 * Writes the frames of so many simulated nodes onto a bus, an interval of all of them after the other.
 * @param written told of the frames that the bus has taken
 */
export async function writeLoad(
  bus: Pick<Bus, 'publish'>,
  plan: LoadPlan,
  signal: AbortSignal,
  written: (frames: number) => void = () => undefined,
): Promise<LoadOutcome> {
  const steps = Math.max(1, Math.round(plan.minutes * STEPS_A_MINUTE));
  const beganMs = Math.floor(Date.now() / DEFAULT_INTERVAL_MS - steps) * DEFAULT_INTERVAL_MS;
  const fleet = new LoadFleet({ ...plan, beganMs });
  const meter = new Meter(plan);
  const under = new Set<Promise<void>>();
  const total = steps * plan.nodes;
  for (let frame = 0; frame < total && !signal.aborted; ) {
    const batch = takeBatch(fleet, plan.nodes, frame, total);
    frame += batch.messages.length;
    meter.add(batch.messages.length, batch.bytes);
    const call = bus.publish(batch.messages).then(() => written(batch.messages.length));
    under.add(call);
    void call.then(
      () => under.delete(call),
      () => undefined,
    );
    if (under.size >= CALLS) await Promise.race(under);
    await meter.pace(signal);
  }
  await Promise.all(under);
  return meter.outcome();
}

function takeBatch(fleet: LoadFleet, nodes: number, from: number, total: number) {
  const messages = [];
  let bytes = 0;
  while (from + messages.length < total && messages.length < BATCH_FRAMES && bytes < BATCH_BYTES) {
    const message = fleet.next((from + messages.length) % nodes);
    bytes += message.value.length;
    messages.push(message);
  }
  return { messages, bytes };
}

/** Counts, and holds the rate. */
class Meter {
  readonly #plan: LoadPlan;
  readonly #beganMs = performance.now();
  readonly #cpu = process.cpuUsage();
  #frames = 0;
  #bytes = 0;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
  }

  add(frames: number, bytes: number): void {
    this.#frames += frames;
    this.#bytes += bytes;
  }

  async pace(signal: AbortSignal): Promise<void> {
    const { rate } = this.#plan;
    if (rate === null) return;
    const aheadMs = this.#beganMs + (this.#frames / rate) * 1000 - performance.now();
    if (aheadMs > 1) await sleep(aheadMs, undefined, { signal }).catch(() => undefined);
  }

  outcome(): LoadOutcome {
    const seconds = (performance.now() - this.#beganMs) / 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const cpuSeconds = (user + system) / 1e6;
    return {
      nodes: this.#plan.nodes,
      frames: this.#frames,
      bytes: this.#bytes,
      seconds,
      framesPerSecond: this.#frames / seconds,
      cpuCores: cpuSeconds / seconds,
      framesPerCpuSecond: this.#frames / cpuSeconds,
      rssBytes: process.memoryUsage.rss(),
    };
  }
}
