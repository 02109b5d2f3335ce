import type { Bus, Delivered, Outgoing, PartitionOffsets } from '#libs/bus/port.ts';
import { TOPICS, type TopicSpec } from '#libs/model/topics.ts';
import { ConflictError } from '#libs/runtime/errors.ts';
import { CheckpointStore } from '#services/detector/checkpoint.ts';
import { CONSUMERS } from '../consumers.ts';

/** Per topic and partition, by how much offsets are lower on the bus that was carried to. */
type Shift = ReadonlyMap<string, readonly number[]>;

const ALL_TOPICS: readonly TopicSpec[] = Object.values(TOPICS);

/** Stages of the detector whose state waits on the bus, and the topic that numbers their partitions. */
const STAGES = [
  { stage: '1', topic: TOPICS.frames.name },
  { stage: '2', topic: TOPICS.observations.name },
] as const;

/**
 * Carries to an empty bus what services still need of another: of each partition the messages that not every group
 * has read, the newest message of each key of compacted topics, and the detector's checkpoints with their offsets
 * brought into line. Groups begin with the first message that was carried; what some of them have read already comes
 * again, as after a crash.
 * @returns how many messages
 * @throws ConflictError unless the other bus is empty and has as many partitions.
 */
export async function carryBus(from: Bus, to: Bus): Promise<number> {
  await from.ensure(ALL_TOPICS);
  await to.ensure(ALL_TOPICS);
  await refuseUnlikeOrUsed(from, to);
  // Before the checkpoints: a checkpoint is never behind what was committed before it was read.
  const begins = new Map<string, readonly number[]>();
  for (const topic of ALL_TOPICS) begins.set(topic.name, await firstNeeded(from, topic));
  const checkpoints = await readCheckpoints(from);
  let carried = 0;
  for (const [topic, begin] of begins) {
    if (topic !== TOPICS.checkpoints.name) carried += await carryTopic(from, to, topic, begin);
  }
  await writeCheckpoints(to, checkpoints, begins);
  return carried;
}

/** Whether any topic of the product has had a message. */
export async function busIsUsed(bus: Bus): Promise<boolean> {
  await bus.ensure(ALL_TOPICS);
  for (const { name } of ALL_TOPICS) {
    if ((await bus.offsets(name)).some(({ next }) => next > 0)) return true;
  }
  return false;
}

async function refuseUnlikeOrUsed(from: Bus, to: Bus): Promise<void> {
  for (const { name } of ALL_TOPICS) {
    const [there, here] = await Promise.all([from.offsets(name), to.offsets(name)]);
    if (there.length !== here.length) {
      throw new ConflictError(
        `${name} has ${here.length} partitions here and ${there.length} in the archive: expected as many; set DAVYLAMP_BUS_PARTITIONS=${there.length} with another DAVYLAMP_BUS_PREFIX, or restore --without bus`,
      );
    }
    if (here.some(({ next }) => next > 0)) {
      throw new ConflictError(
        `the topic ${name} is not empty: expected a new DAVYLAMP_BUS_PREFIX, or restore --without bus`,
      );
    }
  }
}

/** Per partition, the first offset that some group has not committed; the lowest where one has committed nothing. */
async function firstNeeded(bus: Bus, topic: TopicSpec): Promise<readonly number[]> {
  const groups = CONSUMERS.filter(({ topics }) => topics.some(({ name }) => name === topic.name));
  const offsets = await Promise.all(groups.map(({ group }) => bus.offsets(topic.name, group)));
  const needed = ({ low, committed }: PartitionOffsets) => Math.max(low, committed ?? low);
  const lows = (await bus.offsets(topic.name)).map(({ low }) => low);
  return lows.map((low, partition) => {
    const each = offsets.flatMap((list) => list.filter((one) => one.partition === partition).map(needed));
    return each.length === 0 ? low : Math.min(...each);
  });
}

async function carryTopic(from: Bus, to: Bus, topic: string, begin: readonly number[]): Promise<number> {
  let carried = 0;
  await from.replay(topic, { from: Object.fromEntries(begin.entries()) }, async ({ partition, records }) => {
    await to.publish(records.map((record) => outgoing(topic, partition, record)));
    carried += records.length;
  });
  return carried;
}

function outgoing(topic: string, partition: number, { key, value, headers }: Delivered): Outgoing {
  const words = Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
  return { topic, partition, key, value, headers: Object.fromEntries(words) };
}

async function readCheckpoints(bus: Bus) {
  const partitions = (await bus.offsets(TOPICS.checkpoints.name)).length;
  const found = [];
  for (const { stage, topic } of STAGES) {
    for (const { partition } of await bus.offsets(topic)) {
      const checkpoint = await new CheckpointStore(bus, stage, partition, partitions).read();
      if (checkpoint !== null) found.push({ stage, partition, checkpoint });
    }
  }
  return found;
}

async function writeCheckpoints(
  bus: Bus,
  checkpoints: Awaited<ReturnType<typeof readCheckpoints>>,
  shift: Shift,
): Promise<void> {
  const partitions = (await bus.offsets(TOPICS.checkpoints.name)).length;
  for (const { stage, partition, checkpoint } of checkpoints) {
    const next = Object.entries(checkpoint.next).map(([topic, offset]) => {
      return [topic, Math.max(0, offset - (shift.get(topic)?.[partition] ?? 0))] as const;
    });
    const store = new CheckpointStore(bus, stage, partition, partitions);
    await store.write(checkpoint.generation, Object.fromEntries(next), [checkpoint.state]);
  }
}
