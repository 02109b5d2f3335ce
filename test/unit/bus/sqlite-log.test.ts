import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Outgoing } from '#libs/bus/port.ts';
import { SqliteLog } from '#libs/bus/sqlite-log.ts';
import type { TopicSpec } from '#libs/model/topics.ts';
import { BusUnavailableError } from '#libs/runtime/errors.ts';

const HOUR_MS = 3_600_000;
const frames: TopicSpec = { name: 'frames', compacted: false, partitions: 1, retentionHours: 1 };
const state: TopicSpec = { name: 'state', compacted: true, partitions: 1, retentionHours: 0 };

let folder: string;
let path: string;
let log: SqliteLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'davylamp-log-'));
  path = join(folder, 'bus.db');
  log = new SqliteLog(path);
  log.transaction(() => log.ensure([frames, state], 4));
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

function append(topic: string, keys: readonly string[], nowMs: number): void {
  const messages: Outgoing[] = keys.map((key) => ({ topic, key, value: Buffer.from(key) }));
  log.transaction(() =>
    log.append(
      messages,
      messages.map((message) => log.route(message)),
      nowMs,
    ),
  );
}

function stored(topic: string): string[] {
  return log.logs(topic).flatMap((each) => log.read(each, 0, 1_000_000, 100_000, 1e9).map(({ key }) => key));
}

test('retention removes what is too old from the head, and offsets go on', () => {
  append('frames', ['a', 'b'], 0);
  append('frames', ['c'], HOUR_MS);
  expect(log.sweep(HOUR_MS)).toBe(false);
  expect(stored('frames')).toEqual(['a', 'b', 'c']);
  log.sweep(HOUR_MS + 1);
  expect(stored('frames')).toEqual(['c']);
  log.sweep(3 * HOUR_MS);
  expect(stored('frames')).toEqual([]);
  expect(log.offsets('frames')).toEqual([{ partition: 0, low: 3, next: 3, committed: null }]);
  append('frames', ['d'], 3 * HOUR_MS);
  expect(log.offsets('frames')[0]?.next).toBe(4);
});

test('a record that a clock set back made old waits for the younger ones before it', () => {
  append('frames', ['young'], 5 * HOUR_MS);
  append('frames', ['old'], 0);
  log.sweep(5 * HOUR_MS);
  expect(stored('frames')).toEqual(['young', 'old']);
});

test('a sweep of many records is done in parts', () => {
  append('frames', new Array<string>(12_000).fill('k'), 0);
  expect(log.sweep(2 * HOUR_MS)).toBe(true);
  expect(log.offsets('frames')[0]?.low).toBe(5_000);
  while (log.sweep(2 * HOUR_MS));
  expect(log.offsets('frames')[0]).toMatchObject({ low: 12_000, next: 12_000 });
});

test('compaction keeps the newest record of each key, at its offset', () => {
  append('state', ['a', 'b', 'a', 'c', 'a'], 0);
  log.sweep(1e15);
  const [only] = log.logs('state');
  if (!only) throw new Error('no log');
  const kept = log.read(only, 0, 100, 100, 1e9).map(({ key, offset }) => [key, offset]);
  expect(kept).toEqual([
    ['b', 1],
    ['c', 3],
    ['a', 4],
  ]);
});

test('a topic that is kept for ever is kept', () => {
  log.transaction(() => log.ensure([{ ...frames, name: 'kept', retentionHours: 0 }], 4));
  append('kept', ['a'], 0);
  log.sweep(1e15);
  expect(stored('kept')).toEqual(['a']);
});

test('partitions share a file and do not see each other’s records', () => {
  log.transaction(() => log.ensure([{ ...frames, name: 'wide', partitions: null }], 4));
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
  append('wide', keys, 0);
  expect(log.logs('wide')).toHaveLength(4);
  expect(stored('wide').sort()).toEqual(keys.sort());
  expect(log.offsets('wide').reduce((sum, { next }) => sum + next, 0)).toBe(100);
});

test('a transaction that fails leaves nothing behind', () => {
  const failing = () =>
    log.transaction(() => {
      log.append([{ topic: 'frames', key: 'k', value: Buffer.from('v') }], log.logs('frames'), 0);
      throw new Error('half way');
    });
  expect(failing).toThrow('half way');
  expect(stored('frames')).toEqual([]);
});

test('what another connection writes changes the version, what this one writes does not', () => {
  const before = log.version();
  append('frames', ['mine'], 0);
  expect(log.version()).toBe(before);
  const other = new SqliteLog(path);
  other.transaction(() =>
    other.commit('g', other.logs('frames')[0] ?? { id: 0, topic: '', partition: 0 }, 1),
  );
  other.close();
  expect(log.version()).not.toBe(before);
});

test('a partition that does not exist is refused by name', () => {
  const message = { topic: 'frames', key: 'k', value: Buffer.from(''), partition: 3 };
  expect(() => log.route(message)).toThrow(BusUnavailableError);
  expect(() => log.route(message)).toThrow('partition 3 of frames: expected 0..0');
});
