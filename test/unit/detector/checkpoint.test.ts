import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bus, Outgoing } from '#libs/bus/port.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { CheckpointStore } from '#services/detector/checkpoint.ts';
import { seeded } from '#test/unit/detect/world.ts';
import { DetectorWorld } from './world.ts';

function bytes(seed: number, length: number): Uint8Array {
  const random = seeded(seed);
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

/** A bus that takes only so many messages. */
function limited(bus: Bus, messages: number): Bus {
  let left = messages;
  return {
    ...bus,
    ensure: (topics) => bus.ensure(topics),
    subscribe: (subscription) => bus.subscribe(subscription),
    replay: (topic, options, deliver) => bus.replay(topic, options, deliver),
    offsets: (topic, group) => bus.offsets(topic, group),
    close: () => bus.close(),
    publish: async (outgoing: readonly Outgoing[]) => {
      const some = outgoing.slice(0, Math.max(0, left));
      left -= outgoing.length;
      await bus.publish(some);
      if (some.length < outgoing.length) throw new BusUnavailableError('cut off');
    },
  };
}

test('a state of any size comes back from segments of any size, with the next offsets', async () => {
  await using world = await DetectorWorld.open(3);
  let generation = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(700_000), { maxLength: 4 }), async (lengths) => {
      const store = new CheckpointStore(world.bus, '1', 2, 3);
      const segments = lengths.map((length, i) => bytes(i, length));
      await store.write(++generation, { frames: generation }, segments);
      const read = await store.read();
      expect(read?.generation).toBe(generation);
      expect(read?.next).toEqual({ frames: generation });
      expect(Buffer.concat(segments).equals(read?.state ?? new Uint8Array())).toBe(true);
    }),
    { numRuns: 8 },
  );
});

test('a torn checkpoint is not used: the one before it is', async () => {
  await using world = await DetectorWorld.open(1);
  const store = new CheckpointStore(world.bus, '2', 0, 1);
  await store.write(1, { readings: 1 }, [bytes(1, 900_000)]);
  await store.write(2, { readings: 2 }, [bytes(2, 1_200_000)]);
  for (const taken of [0, 1, 2, 3]) {
    const torn = new CheckpointStore(limited(world.bus, taken), '2', 0, 1);
    await expect(torn.write(3, { readings: 3 }, [bytes(3, 1_200_000)])).rejects.toThrow('cut off');
    expect((await store.read())?.generation).toBe(2);
  }
  await store.write(3, { readings: 3 }, [bytes(3, 1_200_000)]);
  expect(await store.read()).toMatchObject({ generation: 3, next: { readings: 3 } });
});

test('stages and partitions do not see each other', async () => {
  await using world = await DetectorWorld.open(1);
  await new CheckpointStore(world.bus, '1', 1, 1).write(7, {}, [bytes(1, 10)]);
  expect(await new CheckpointStore(world.bus, '1', 11, 1).read()).toBeNull();
  expect(await new CheckpointStore(world.bus, '2', 1, 1).read()).toBeNull();
  expect((await new CheckpointStore(world.bus, '1', 1, 1).read())?.generation).toBe(7);
});
