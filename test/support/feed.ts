import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '#libs/bus/port.ts';
import { DEFAULT_INTERVAL_MS } from '#libs/model/frame.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { SimulatedNode, ticks } from './fleet.ts';

/** Event time of the first frame: fixed, so that every run sees the same bytes. */
const START_MS = Date.UTC(2026, 0, 5, 8);

export interface FeedPlan {
  readonly nodes: number;
  /** Event time fed. */
  readonly minutes: number;
  /** Nodes below this number become busy half-way. */
  readonly busyNodes: number;
  /** Real time between two steps of 10 s of event time. */
  readonly stepMs: number;
}

export const nodeName = (index: number): string => `sim-${String(index).padStart(3, '0')}`;

/**
 * Feeds a simulated fleet at accelerated event time: frames and ticks, as agents and the ticker would write them.
 * @param stepped called after each step with the share of the feed that is out, 0–1.
 */
export async function feed(
  bus: Pick<Bus, 'publish' | 'offsets'>,
  plan: FeedPlan,
  stepped: (share: number) => Promise<void> | void,
): Promise<void> {
  const half = START_MS + (plan.minutes / 2) * 60_000;
  const nodes = Array.from(
    { length: plan.nodes },
    (_, i) =>
      new SimulatedNode({
        node: nodeName(i),
        site: 'hall',
        gpus: 1,
        busyFromMs: i < plan.busyNodes ? half : null,
        seed: i + 1,
      }),
  );
  const partitions = (await bus.offsets(TOPICS.frames.name)).length;
  const steps = (plan.minutes * 60_000) / DEFAULT_INTERVAL_MS;
  for (let step = 1; step <= steps; step++) {
    const endMs = START_MS + step * DEFAULT_INTERVAL_MS;
    await bus.publish(nodes.map((node) => node.message(endMs)));
    if (endMs % TICK_MS === 0) await bus.publish(ticks(TOPICS.frames.name, partitions, endMs));
    await stepped(step / steps);
    await sleep(plan.stepMs);
  }
}
