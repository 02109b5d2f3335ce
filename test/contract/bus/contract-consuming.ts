import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Bus } from '#libs/bus/port.ts';
import { type BusWorld, collector, nextOffset, numbered, pause, text, topic, until } from './world.ts';

const run = promisify(execFile);

/** One member: delivery, commits, failures, backpressure. */
export function describeConsuming(given: () => { world: BusWorld; bus: Bus }): void {
  test('delivers what was there and what comes, in offset order', async () => {
    const { bus } = given();
    await bus.ensure([topic('a')]);
    await bus.publish(numbered('a', 50));
    const got = collector();
    const offsets = new Map<number, number>();
    await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async (batch) => {
        for (const { offset } of batch.records) {
          expect(offset).toBe(offsets.get(batch.partition) ?? 0);
          offsets.set(batch.partition, offset + 1);
        }
        got.take(batch);
      },
    });
    await bus.publish(numbered('a', 50));
    await until(() => got.records.length === 100, '100 records');
  });

  test('does not deliver again what was committed, and delivers again what was not', async () => {
    const { bus, world } = given();
    await bus.ensure([topic('a', { partitions: 1 })]);
    await bus.publish(numbered('a', 10));
    const first = collector();
    const consumption = await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async (batch, control) => {
        first.take(batch);
        await control.commit(6);
      },
    });
    await until(() => first.records.length === 10, 'the first ten');
    await consumption.stop();
    expect((await bus.offsets('a', 'g'))[0]?.committed).toBe(6);
    await bus.close();
    const again = collector();
    const restarted = await world.open();
    await restarted.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async (batch) => again.take(batch),
    });
    await until(() => again.records.length === 4, 'the uncommitted four');
    expect(again.values()).toEqual(['6', '7', '8', '9']);
  });

  test('a group that begins at the latest misses nothing after it has joined, even through a restart', async () => {
    const { bus, world } = given();
    await bus.ensure([topic('a')]);
    await bus.publish(numbered('a', 20));
    const consumption = await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'latest',
      deliver: async () => undefined,
    });
    await consumption.stop();
    await bus.publish([{ topic: 'a', key: 'k', value: Buffer.from('between') }]);
    await bus.close();
    const got = collector();
    const restarted = await world.open();
    await restarted.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'latest',
      deliver: async (batch) => got.take(batch),
    });
    await restarted.publish([{ topic: 'a', key: 'k', value: Buffer.from('after') }]);
    await until(() => got.records.length === 2, 'both messages');
    expect(got.values()).toEqual(['between', 'after']);
  });

  test('delivers a rejected batch again from the last commit, and says why', async () => {
    const { bus } = given();
    await bus.ensure([topic('a', { partitions: 1 })]);
    await bus.publish(numbered('a', 10));
    const failures: unknown[] = [];
    const got = collector();
    let attempts = 0;
    await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      failed: (error) => failures.push(error),
      deliver: async (batch, control) => {
        attempts++;
        if (attempts === 1) await control.commit(4);
        if (attempts <= 2) throw new Error('the store is away');
        got.take(batch);
      },
    });
    await until(() => got.records.length === 6, 'the six after the commit');
    expect(got.values()).toEqual(['4', '5', '6', '7', '8', '9']);
    expect(failures.map((error) => (error as Error).message)).toEqual([
      'the store is away',
      'the store is away',
    ]);
  });

  test('a partition whose handler rejects does not stop the others', async () => {
    const { bus } = given();
    await bus.ensure([topic('a')]);
    const on = (partition: number, value: string) => ({
      topic: 'a',
      key: 'k',
      value: Buffer.from(value),
      partition,
    });
    await bus.publish([on(0, 'poison'), on(1, '1')]);
    const got = collector();
    await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async (batch) => {
        if (batch.partition === 0) throw new Error('poison');
        got.take(batch);
      },
    });
    for (let value = 2; value <= 5; value++) {
      await bus.publish([on(1, String(value))]);
      await until(() => got.records.length === value, `value ${value} beside the failing partition`);
    }
  });

  test('begins at the offset that `assigned` returns, before or after the committed one', async () => {
    const { bus } = given();
    await bus.ensure([topic('a', { partitions: 1 })]);
    await bus.publish(numbered('a', 30));
    const begin = async (override: number | undefined) => {
      const got = collector();
      const consumption = await bus.subscribe({
        group: 'g',
        topics: ['a'],
        from: 'earliest',
        assigned: async () => {
          await pause(100);
          return override;
        },
        deliver: async (batch, control) => {
          got.take(batch);
          await control.commit(20);
        },
      });
      await until(() => got.values().at(-1) === '29', 'the last record');
      await consumption.stop();
      return got.sorted()[0];
    };
    expect(await begin(10)).toBe(10);
    expect(await begin(undefined)).toBe(20);
    expect(await begin(5)).toBe(5);
    expect(await begin(25)).toBe(25);
  });

  test('delivers nothing below the offset of `assigned`, even when the log has not come so far', async () => {
    const { bus } = given();
    await bus.ensure([topic('a', { partitions: 1 })]);
    await bus.publish(numbered('a', 10));
    const got = collector();
    await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      assigned: async () => 15,
      deliver: async (batch) => got.take(batch),
    });
    await pause(1_000);
    await bus.publish(
      numbered('a', 10).map((message, index) => ({ ...message, value: Buffer.from(String(10 + index)) })),
    );
    await until(() => got.records.length >= 5, 'the records from 15 on');
    expect(got.values()).toEqual(['15', '16', '17', '18', '19']);
  });

  test('asks `assigned` again when it rejects', async () => {
    const { bus } = given();
    await bus.ensure([topic('a', { partitions: 1 })]);
    await bus.publish(numbered('a', 3));
    const failures: unknown[] = [];
    const got = collector();
    let asked = 0;
    await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      failed: (error) => failures.push(error),
      assigned: async () => {
        if (asked++ === 0) throw new Error('no checkpoint store');
        return 1;
      },
      deliver: async (batch) => got.take(batch),
    });
    await until(() => got.records.length === 2, 'the records from 1 on');
    expect((failures[0] as Error).message).toBe('no checkpoint store');
  });

  test('hands a partition’s next batch over only when the one before is done', async () => {
    const { bus } = given();
    await bus.ensure([topic('a', { partitions: 1 })]);
    await bus.publish(numbered('a', 200).map((message) => ({ ...message, value: randomBytes(50_000) })));
    let inHand = 0;
    let most = 0;
    let largest = 0;
    let seen = 0;
    await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async ({ records }) => {
        most = Math.max(most, ++inHand);
        largest = Math.max(
          largest,
          records.reduce((sum, { value }) => sum + value.length, 0),
        );
        await pause(50);
        seen += records.length;
        inHand--;
      },
    });
    await until(() => seen === 200, '200 records');
    expect(most).toBe(1);
    expect(largest).toBeLessThanOrEqual(3_000_000);
  });

  test('stop waits for the batch in hand, whose commit counts', async () => {
    const { bus } = given();
    await bus.ensure([topic('a', { partitions: 1 })]);
    await bus.publish(numbered('a', 5));
    let isBegun = false;
    const events: string[] = [];
    const consumption = await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async (batch, control) => {
        isBegun = true;
        await pause(300);
        await control.commit(nextOffset(batch));
        events.push('delivered');
      },
      revoked: async (name, partition) => void events.push(`revoked ${name}/${partition}`),
    });
    await until(() => isBegun, 'the first batch');
    await consumption.stop();
    expect(events).toEqual(['delivered', 'revoked a/0']);
    expect((await bus.offsets('a', 'g'))[0]?.committed).toBe(5);
  });

  test('another process publishes to the log, reads it, and ends once its bus is closed', async () => {
    const { bus, world } = given();
    await bus.ensure([topic('a')]);
    const got = collector();
    await bus.subscribe({
      group: 'g',
      topics: ['a'],
      from: 'earliest',
      deliver: async (batch) => got.take(batch),
    });
    const program = join(import.meta.dirname, 'child.ts');
    const args = [program, JSON.stringify(world.settings), 'a', '1000'];
    await run(process.execPath, args, { timeout: 20_000 });
    await until(() => got.records.length === 1_000, 'what the other process published');
    expect(got.records.filter(({ key }) => key === 'key-3').map(text)).toEqual(
      Array.from({ length: 125 }, (_, index) => String(3 + 8 * index)),
    );
  });
}
