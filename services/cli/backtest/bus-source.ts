import type { Batch, Bus } from '#libs/bus/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { inStep, StreamCursor } from './in-step.ts';
import { pulled } from './pulled.ts';
import { type Range, type Registers, registered, type Source } from './source.ts';

/** Readings first: of one tick they are there when the frames of the same tick are judged. */
const READ = [TOPICS.readings.name, TOPICS.frames.name];

export interface BusSourceOptions {
  readonly range: Range;
  /** Offset of `frames` to begin with, by partition; default: the lowest that is kept. */
  readonly offsets: Readonly<Record<number, number>>;
}

/**
 * What the bus still holds of frames and readings. Every partition is read beside the others, a batch of each at a
 * time, in step with their ticks.
 */
export async function busSource(
  bus: Bus,
  ledger: Registers,
  { range, offsets }: BusSourceOptions,
): Promise<Source> {
  const { register } = await registered(ledger);
  const partitions: { readonly topic: string; readonly partition: number; readonly from: number }[] = [];
  let total = 0;
  for (const topic of READ) {
    for (const { partition, low, next } of await bus.offsets(topic)) {
      const asked = topic === TOPICS.frames.name ? (offsets[partition] ?? low) : low;
      const from = Math.min(next, Math.max(low, asked));
      partitions.push({ topic, partition, from });
      total += next - from;
    }
  }
  const read = ({ topic, partition, from }: (typeof partitions)[number]) =>
    pulled<Batch>((deliver) =>
      bus.replay(topic, { partitions: [partition], from: { [partition]: from } }, deliver),
    );
  return {
    kind: 'bus',
    words: 'what the bus holds',
    total,
    unseen: [
      'Baselines begin with the first frame that is replayed, not with the 28 days of the running detector.',
      'Nodes and declarations are as the ledger has them now.',
    ],
    labelled: new Set(),
    async *stretches(step) {
      const cursors = partitions.map(
        (one) => new StreamCursor(one.topic, one.partition, read(one), range, step),
      );
      yield { register, batches: inStep(cursors) };
    },
  };
}
