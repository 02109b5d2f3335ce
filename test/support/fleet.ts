import { createHash } from 'node:crypto';
import type { Outgoing } from '#libs/bus/port.ts';
import { Chain } from '#libs/evidence/chain.ts';
import { keysFromPem, type NodeKeys } from '#libs/evidence/keys.ts';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { DEFAULT_INTERVAL_MS, type EntityRow, emptyRow } from '#libs/model/frame.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { tickAt } from '#libs/model/tick.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { random } from './random.ts';

/** One fixed key pair for all simulated nodes: their frames are the same bytes in every run. It guards nothing. */
const KEYS: NodeKeys = keysFromPem(
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n',
);

/** A simulated node whose CPU goes from quiet to busy at one moment of event time. Seeded: the same every time. */
export interface NodePlan {
  readonly node: string;
  readonly site: string;
  readonly gpus: number;
  /** Event time at which its CPU (and GPUs) become busy, or null: never. */
  readonly busyFromMs: number | null;
  readonly seed: number;
}

export class SimulatedNode {
  readonly #plan: NodePlan;
  readonly #chain: Chain;
  readonly #random: () => number;
  #receivedBytes = 0;

  constructor(plan: NodePlan) {
    this.#plan = plan;
    const boot = createHash('sha256').update(`${plan.node}/${plan.seed}`).digest('hex').slice(0, 32);
    this.#chain = new Chain(boot, KEYS);
    this.#random = random(plan.seed);
  }

  /** The next frame, ending at this event time, as the message its agent would send. */
  message(endMs: number): Outgoing {
    const sequence = this.#chain.nextSequence;
    const { node, site, gpus } = this.#plan;
    const value = encodeFrame({
      node,
      site,
      boot: this.#chain.boot,
      sequence,
      endMs,
      intervalMs: DEFAULT_INTERVAL_MS,
      samples: 10,
      previous: this.#chain.previous,
      entities: [this.#host(endMs), ...Array.from({ length: gpus }, (_, index) => this.#gpu(endMs, index))],
      flows: [],
      groups: [],
      covers: [],
    });
    const seal = this.#chain.append(value);
    const headers = {
      [HEADERS.type]: 'frame',
      [HEADERS.node]: node,
      [HEADERS.boot]: this.#chain.boot,
      [HEADERS.sequence]: String(sequence),
      ...(seal ? { [HEADERS.seal]: seal.signature, [HEADERS.key]: seal.key } : {}),
    };
    return { topic: TOPICS.frames.name, key: node, value, headers };
  }

  #busy(endMs: number): boolean {
    return this.#plan.busyFromMs !== null && endMs > this.#plan.busyFromMs;
  }

  #host(endMs: number): EntityRow {
    const row = emptyRow('host');
    const level = this.#busy(endMs) ? 0.97 : 0.06;
    this.#receivedBytes += 20_000 + Math.floor(this.#random() * 1000);
    setShape(row, 'cpu_utilization_ratio', level + 0.02 * this.#random(), 0.01);
    setShape(row, 'network_receive_bytes_per_second', 2_000 + 100 * this.#random(), 50);
    row.gauges[gaugeOrdinal('host', 'memory_used_ratio')] = 0.3 + 0.01 * this.#random();
    row.gauges[gaugeOrdinal('host', 'load_average_1m')] = level * 2;
    row.counters[counterOrdinal('host', 'network_receive_bytes_total')] = this.#receivedBytes;
    return row;
  }

  #gpu(endMs: number, index: number): EntityRow {
    const row = emptyRow('gpu', index, `GPU-${this.#plan.node}-${index}`);
    const busy = this.#busy(endMs);
    setShape(row, 'gpu_power_watts', (busy ? 650 : 70) + 5 * this.#random(), 3);
    setShape(row, 'gpu_utilization_ratio', busy ? 0.99 : 0, 0.005);
    setShape(row, 'gpu_sm_active_ratio', busy ? 0.95 : 0, 0.01);
    row.gauges[gaugeOrdinal('gpu', 'gpu_memory_used_ratio')] = 0.5;
    return row;
  }
}

function setShape(row: EntityRow, metric: string, mean: number, spread: number): void {
  const at = gaugeOrdinal(row.kind, metric);
  row.gauges[at] = mean;
  row.gauges[at + 1] = spread;
  row.gauges[at + 2] = Math.max(0, mean - 2 * spread);
  row.gauges[at + 3] = mean + (mean > 0.9 && mean <= 1 ? 0 : 2 * spread);
}

/** One tick for every partition of a topic, as the ticker writes them. */
export function ticks(topic: string, partitions: number, timeMs: number): readonly Outgoing[] {
  const tick = tickAt(timeMs);
  return Array.from({ length: partitions }, (_, partition) => ({
    topic,
    key: '',
    value: new TextEncoder().encode(JSON.stringify(tick)),
    headers: { [HEADERS.type]: 'tick' },
    partition,
  }));
}
