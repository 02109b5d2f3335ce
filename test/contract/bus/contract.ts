import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadLetter } from '#libs/bus/dead-letter.ts';
import { partitionOf } from '#libs/bus/partition.ts';
import type { Batch, Bus, Delivered } from '#libs/bus/port.ts';
import { BusUnavailableError, MessageTooLargeError } from '#libs/runtime/errors.ts';
import { describeConsuming } from './contract-consuming.ts';
import { describeGroups } from './contract-groups.ts';
import { type BusWorld, collector, numbered, text, topic } from './world.ts';

/** What every adapter of the bus does. */
export function describeBus(name: string, makeWorld: () => Promise<BusWorld>): void {
  describe(`the bus on ${name}`, () => {
    let world: BusWorld;
    let bus: Bus;
    beforeEach(async () => {
      world = await makeWorld();
      bus = await world.open();
    });
    afterEach(() => world.dispose());

    const everything = async (topicName: string): Promise<Delivered[]> => {
      const all = collector();
      await bus.replay(topicName, {}, async (batch) => all.take(batch));
      return all.records;
    };

    test('ensures topics twice and keeps what is in them', async () => {
      await bus.ensure([topic('a'), topic('one', { partitions: 1 })]);
      await bus.publish(numbered('a', 10));
      await bus.ensure([topic('a', { partitions: 1 }), topic('b')]);
      expect(await everything('a')).toHaveLength(10);
      expect(await bus.offsets('a')).toHaveLength(4);
      expect(await bus.offsets('one')).toHaveLength(1);
    });

    test('refuses to publish to a topic that does not exist', async () => {
      await expect(bus.publish(numbered('nowhere', 1))).rejects.toThrow(BusUnavailableError);
    });

    test('puts a key on the partition of Kafka’s own partitioner, and a named partition before that', async () => {
      await bus.ensure([topic('a')]);
      await bus.publish([
        ...numbered('a', 40, 20),
        { topic: 'a', key: 'tick', value: Buffer.from('2'), partition: 2 },
      ]);
      const found: [string, number][] = [];
      await bus.replay('a', {}, async ({ partition, records }) => {
        for (const { key } of records) found.push([key, partition]);
      });
      expect(found).toHaveLength(41);
      for (const [key, partition] of found) {
        expect([key, partition]).toEqual([key, key === 'tick' ? 2 : partitionOf(key, 4)]);
      }
    });

    test('keeps the order of a key within a call and between calls that overlap', async () => {
      await bus.ensure([topic('a')]);
      const messages = numbered('a', 3_000);
      await Promise.all(
        [0, 1, 2, 3, 4, 5].map((part) => bus.publish(messages.slice(part * 500, part * 500 + 500))),
      );
      const last = new Map<string, number>();
      for (const record of await everything('a')) {
        expect(Number(text(record))).toBeGreaterThan(last.get(record.key) ?? -1);
        last.set(record.key, Number(text(record)));
      }
      expect(last.size).toBe(8);
    });

    test('carries headers, empty values and bytes that are no text unchanged', async () => {
      await bus.ensure([topic('a', { partitions: 1 })]);
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await bus.publish([
        { topic: 'a', key: 'empty', value: new Uint8Array(0), headers: { type: 'frame', leer: '', ü: 'ß' } },
        { topic: 'a', key: 'Schlüssel', value: bytes.subarray(0, 256) },
        { topic: 'a', key: '', value: bytes.subarray(1, 3) },
      ]);
      const [empty, binary, part] = await everything('a');
      expect(empty?.value).toHaveLength(0);
      const headers = Object.entries(empty?.headers ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value).toString(),
      ]);
      expect(headers).toEqual([
        ['type', 'frame'],
        ['leer', ''],
        ['ü', 'ß'],
      ]);
      expect(binary?.key).toBe('Schlüssel');
      expect(Buffer.from(binary?.value ?? [])).toEqual(Buffer.from(bytes));
      expect(binary?.headers).toEqual({});
      expect([...(part?.value ?? [])]).toEqual([1, 2]);
    });

    test('takes a message near the limit and refuses one beyond it, with nothing written', async () => {
      await bus.ensure([topic('a', { partitions: 1 })]);
      const tooLarge = { topic: 'a', key: 'k', value: Buffer.alloc(1_000_001) };
      await expect(bus.publish([...numbered('a', 1), tooLarge])).rejects.toThrow(MessageTooLargeError);
      await bus.publish([{ topic: 'a', key: 'k', value: Buffer.alloc(999_000, 7) }]);
      const stored = await everything('a');
      expect(stored.map(({ value }) => value.length)).toEqual([999_000]);
    });

    test('takes several large messages in one call', async () => {
      await bus.ensure([topic('a', { partitions: 1 })]);
      const large = Array.from({ length: 5 }, (_, index) => ({
        topic: 'a',
        key: `k${index}`,
        value: Buffer.alloc(600_000, index),
      }));
      await bus.publish(large);
      expect((await everything('a')).map(({ value }) => value[0])).toEqual([0, 1, 2, 3, 4]);
    });

    test('says when it took a message, by its own clock', async () => {
      await bus.ensure([topic('a')]);
      const before = Date.now();
      await bus.publish(numbered('a', 1));
      const [record] = await everything('a');
      expect(record?.receivedMs).toBeGreaterThanOrEqual(before - 50);
      expect(record?.receivedMs).toBeLessThanOrEqual(Date.now() + 50);
    });

    test('replays from the offsets asked for, the partitions asked for, up to the end', async () => {
      await bus.ensure([topic('a', { partitions: 1 }), topic('b')]);
      await bus.publish([...numbered('a', 2_500), ...numbered('b', 100)]);
      const all = collector();
      await bus.replay('a', { from: { 0: 2_000 } }, async (batch) => all.take(batch));
      expect(all.sorted()).toEqual(Array.from({ length: 500 }, (_, index) => 2_000 + index));
      const partitions = new Set<number>();
      await bus.replay('b', { partitions: [1, 3] }, async ({ partition }) => void partitions.add(partition));
      expect(partitions).toEqual(new Set([1, 3]));
    });

    test('replays an empty topic to its end at once', async () => {
      await bus.ensure([topic('a')]);
      expect(await everything('a')).toEqual([]);
    });

    test('replay rejects with what the reader rejects with', async () => {
      await bus.ensure([topic('a')]);
      await bus.publish(numbered('a', 3));
      const refusing = bus.replay('a', {}, () => Promise.reject(new Error('reader is full')));
      await expect(refusing).rejects.toThrow('reader is full');
    });

    test('replays the newest message of each key of a compacted topic at least once', async () => {
      await bus.ensure([topic('state', { compacted: true, retentionHours: 0 })]);
      await bus.publish(numbered('state', 400, 10));
      await bus.publish([{ topic: 'state', key: 'key-3', value: new Uint8Array(0) }]);
      const newest = new Map((await everything('state')).map((record) => [record.key, text(record)]));
      expect(newest.size).toBe(10);
      expect(newest.get('key-3')).toBe('');
      expect(newest.get('key-9')).toBe('399');
    });

    test('tells the offsets of a topic and what a group has committed', async () => {
      await bus.ensure([topic('a')]);
      await bus.publish(
        [0, 0, 0, 1].map((partition) => ({ topic: 'a', key: 'k', value: Buffer.from('x'), partition })),
      );
      expect(await bus.offsets('a', 'nobody')).toEqual([
        { partition: 0, low: 0, next: 3, committed: null },
        { partition: 1, low: 0, next: 1, committed: null },
        { partition: 2, low: 0, next: 0, committed: null },
        { partition: 3, low: 0, next: 0, committed: null },
      ]);
      expect((await bus.offsets('a')).map(({ committed }) => committed)).toEqual([null, null, null, null]);
    });

    test('puts a poisoned record aside with its bytes, origin and reason', async () => {
      await bus.ensure([topic('a'), topic('dead', { partitions: 1 })]);
      await bus.publish([{ topic: 'a', key: 'n', value: Buffer.from([255, 0]), headers: { node: 'n1' } }]);
      const batches: Batch[] = [];
      await bus.replay('a', {}, async (batch) => void batches.push(batch));
      const [batch] = batches;
      const record = batch?.records[0];
      if (!batch || !record) throw new Error('nothing was replayed');
      await bus.publish([deadLetter(batch, record, 'not a frame', 'writer')]);
      const [dead] = await everything('dead');
      expect([...(dead?.value ?? [])]).toEqual([255, 0]);
      const headers = Object.entries(dead?.headers ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value).toString(),
      ]);
      expect(Object.fromEntries(headers)).toEqual({
        node: 'n1',
        origin: `a/${batch.partition}/0`,
        reason: 'not a frame',
        service: 'writer',
      });
    });

    test('refuses everything once it is closed', async () => {
      await bus.ensure([topic('a')]);
      await bus.close();
      await bus.close();
      await expect(bus.publish(numbered('a', 1))).rejects.toThrow(BusUnavailableError);
      await expect(bus.offsets('a')).rejects.toThrow(BusUnavailableError);
    });

    describeConsuming(() => ({ world, bus }));
    describeGroups(() => ({ world, bus }));
  });
}
