import type { Bus } from '#libs/bus/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { eventually } from './eventually.ts';
import type { World } from './world.ts';

type Reader = readonly [group: string, topic: string];

/** What must have been read for every frame to be in the loss ledger. */
export const WRITER: readonly Reader[] = [['writer', TOPICS.frames.name]];

/** Everything that a feed without a ticker causes. */
export const EVERYBODY: readonly Reader[] = [
  ...WRITER,
  ['writer', TOPICS.observations.name],
  ['detector-1', TOPICS.frames.name],
  ['detector-2', TOPICS.observations.name],
  ['alerter', TOPICS.findings.name],
];

/** Waits until these groups have committed all there is, no frame is in flight and nobody is left to be told. */
export async function drained(
  { bus, ledger }: World,
  readers: readonly Reader[],
  deadlineMs = 120_000,
): Promise<void> {
  const state = async () => {
    const lags = await Promise.all(readers.map(([group, topic]) => lag(bus, group, topic)));
    const loss = await ledger.custody.balance();
    const inFlight = loss.reduce((sum, row) => sum + row.inFlight, 0);
    return { lags, agents: loss.length, inFlight, untold: (await ledger.outbox.pending(100)).length };
  };
  const done = ({ lags, agents, inFlight, untold }: Awaited<ReturnType<typeof state>>) =>
    lags.every((messages) => messages === 0) && agents > 0 && inFlight === 0 && untold === 0;
  await eventually('everything read', state, done, deadlineMs, 500);
}

/** Messages of a topic that a group has not committed. */
export async function lag(bus: Bus, group: string, topic: string): Promise<number> {
  const partitions = await bus.offsets(topic, group);
  return partitions.reduce((sum, p) => sum + p.next - (p.committed ?? p.low), 0);
}
