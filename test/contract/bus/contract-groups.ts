import { expect, test } from 'vitest';
import type { Bus, Consumption } from '#libs/bus/port.ts';
import { type BusWorld, collector, nextOffset, numbered, pause, topic, until } from './world.ts';

/** Several members, several groups. */
export function describeGroups(given: () => { world: BusWorld; bus: Bus }): void {
  /** A member that commits everything, and which partitions it holds. */
  const member = async (bus: Bus, got: ReturnType<typeof collector>) => {
    const held = new Set<number>();
    const consumption: Consumption = await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      assigned: async (_, partition) => {
        held.add(partition);
        return undefined;
      },
      revoked: async (_, partition) => void held.delete(partition),
      deliver: async (batch, control) => {
        got.take(batch);
        await pause(5);
        await control.commit(nextOffset(batch));
      },
    });
    return { held, consumption };
  };

  test('two groups each get everything', async () => {
    const { bus } = given();
    await bus.ensure([topic('a')]);
    const one = collector();
    const two = collector();
    for (const [group, got] of [
      ['one', one],
      ['two', two],
    ] as const) {
      await bus.subscribe({
        group,
        topics: ['a'],
        from: 'earliest',
        deliver: async (batch) => got.take(batch),
      });
    }
    await bus.publish(numbered('a', 100));
    await until(() => one.records.length === 100 && two.records.length === 100, 'all for both');
  });

  test('two members share the partitions, one leaves, and nothing is lost', async () => {
    const { bus } = given();
    await bus.ensure([topic('a')]);
    const got = collector();
    let published = 0;
    let isPublishing = true;
    const publishing = (async () => {
      for (; isPublishing; published += 20) {
        const batch = numbered('a', 20).map((message, index) => ({
          ...message,
          value: Buffer.from(String(published + index)),
        }));
        await bus.publish(batch);
        await pause(20);
      }
    })();
    const first = await member(bus, got);
    expect(first.held.size).toBe(4);
    const second = await member(bus, got);
    await until(() => first.held.size === 2 && second.held.size === 2, 'an even share');
    expect(new Set([...first.held, ...second.held]).size).toBe(4);
    await pause(300);
    await first.consumption.stop();
    expect(first.held.size).toBe(0);
    await until(() => second.held.size === 4, 'the second member holds all');
    await pause(300);
    isPublishing = false;
    await publishing;
    await until(() => new Set(got.values()).size === published, 'every message at least once');
    expect(new Set(got.sorted()).size).toBe(published);
  });

  test('partition n of every topic is held by the same one of three members', async () => {
    const { bus } = given();
    await bus.ensure([topic('a'), topic('b')]);
    const holders = new Map<string, number>();
    const join = (holder: number) =>
      bus.subscribe({
        group: 'g',
        topics: ['a', 'b'],
        from: 'earliest',
        assigned: async (name, partition) => {
          holders.set(`${name}/${partition}`, holder);
          return undefined;
        },
        deliver: async () => undefined,
      });
    for (const holder of [1, 2, 3]) await join(holder);
    const together = () => [0, 1, 2, 3].every((n) => holders.get(`a/${n}`) === holders.get(`b/${n}`));
    await until(
      () => new Set(holders.values()).size === 3 && holders.size === 8 && together(),
      'partitions held together',
    );
  });

  test('reads several topics as one group', async () => {
    const { bus } = given();
    await bus.ensure([topic('a'), topic('b', { partitions: 1 })]);
    const seen = new Set<string>();
    await bus.subscribe({
      group: 'g',
      topics: ['a', 'b'],
      from: 'earliest',
      deliver: async ({ topic: name, records }) => {
        for (const { key } of records) seen.add(`${name} ${key}`);
      },
    });
    await bus.publish([...numbered('a', 8), ...numbered('b', 8)]);
    await until(() => seen.size === 16, 'all keys of both topics');
  });
}
