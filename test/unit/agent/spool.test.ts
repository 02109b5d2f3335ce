import { appendFileSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FrameMessage } from '#libs/model/batch.ts';
import { Spool, type SpoolBatch } from '#services/agent/spool.ts';
import { temporaryFolder } from './tree.ts';

const MIB = 1_048_576;

function message(sequence: number, bytes = 100): FrameMessage {
  return { headers: { node: 'n', seq: String(sequence) }, payload: new Uint8Array(bytes).fill(sequence) };
}

function sequences(batch: SpoolBatch | null): readonly number[] {
  return (batch?.messages ?? []).map(({ headers }) => Number(headers.seq));
}

/** Takes everything out, in batches. */
function drain(spool: Spool, most = 7): readonly number[] {
  const all: number[] = [];
  for (let batch = spool.peek(most, MIB); batch; batch = spool.peek(most, MIB)) {
    all.push(...sequences(batch));
    spool.acknowledge(batch);
  }
  return all;
}

function fill(spool: Spool, from: number, to: number, bytes?: number): void {
  for (let sequence = from; sequence <= to; sequence++) spool.append(message(sequence, bytes));
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('gives frames back in order, unchanged, until they are acknowledged', () => {
  const spool = new Spool(temporaryFolder(), MIB);
  fill(spool, 1, 5);
  const read = spool
    .peek(3, MIB)
    ?.messages.map((each) => ({ ...each, payload: Uint8Array.from(each.payload) }));
  expect(read).toEqual([message(1), message(2), message(3)]);
  expect(sequences(spool.peek(3, MIB))).toEqual([1, 2, 3]);
  expect(spool.waiting).toBe(5);
  expect(drain(spool, 3)).toEqual([1, 2, 3, 4, 5]);
  expect(spool.waiting).toBe(0);
  expect(spool.peek(3, MIB)).toBeNull();
});

test('a batch is bounded by bytes, and a frame larger than that comes alone', () => {
  const spool = new Spool(temporaryFolder(), MIB);
  fill(spool, 1, 4, 1_000);
  expect(sequences(spool.peek(10, 2_500))).toEqual([1, 2]);
  expect(sequences(spool.peek(10, 10))).toEqual([1]);
});

test('what was not acknowledged is there after a kill, and only that', () => {
  const folder = temporaryFolder();
  const killed = new Spool(folder, MIB);
  fill(killed, 1, 10);
  killed.acknowledge(killed.peek(4, MIB) as SpoolBatch);
  const next = new Spool(folder, MIB);
  expect(next.waiting).toBe(6);
  fill(next, 11, 12);
  expect(drain(next)).toEqual(range(5, 12));
  expect(new Spool(folder, MIB).waiting).toBe(0);
});

test('a record that was cut in the middle goes, the ones before it stay', () => {
  const folder = temporaryFolder();
  fill(new Spool(folder, MIB), 1, 3);
  const path = join(folder, '000000000001.frames');
  truncateSync(path, statSync(path).size - 1);
  const next = new Spool(folder, MIB);
  expect(next.waiting).toBe(2);
  next.append(message(4));
  expect(drain(next)).toEqual([1, 2, 4]);
});

test('bytes of nobody at the end are cut off', () => {
  const folder = temporaryFolder();
  fill(new Spool(folder, MIB), 1, 2);
  appendFileSync(join(folder, '000000000001.frames'), Buffer.alloc(64, 0xff));
  const next = new Spool(folder, MIB);
  next.append(message(3));
  expect(drain(new Spool(folder, MIB))).toEqual([1, 2, 3]);
});

test('when it is full the oldest go, are counted, and the files stay within their bound', () => {
  const folder = temporaryFolder();
  const spool = new Spool(folder, 65_536);
  fill(spool, 1, 1_000, 1_000);
  const onDisk = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(onDisk).toBeLessThanOrEqual(65_536);
  expect(spool.waiting + spool.dropped).toBe(1_000);
  expect(spool.waiting).toBeGreaterThan(40);
  expect(drain(spool)).toEqual(range(spool.dropped + 1, 1_000));
});

test('a batch whose frames were dropped while it was under way removes no others', () => {
  const spool = new Spool(temporaryFolder(), 65_536);
  fill(spool, 1, 10, 1_000);
  const underWay = spool.peek(10, MIB) as SpoolBatch;
  fill(spool, 11, 100, 1_000);
  const { dropped, waiting } = spool;
  expect(dropped).toBeGreaterThan(10);
  spool.acknowledge(underWay);
  expect(spool.waiting).toBe(waiting);
});

test('keeps the newest frames in memory while the disk takes nothing, and counts', () => {
  const folder = temporaryFolder();
  const spool = new Spool(folder, 65_536);
  fill(spool, 1, 10, 1_000);
  // A folder where the next file should be: it cannot be opened.
  mkdirSync(join(folder, '000000000002.frames'));
  fill(spool, 11, 30, 1_000);
  expect(spool.diskFailures).toBe(1);
  expect(drain(spool)).toEqual(range(1, 30));
});

test('a position of files that are gone hides no new frames', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'sent'), '1 400\n');
  fill(new Spool(folder, MIB), 1, 6);
  expect(drain(new Spool(folder, MIB))).toEqual(range(1, 6));
});

test('any order of appending, taking and being killed loses nothing and keeps the order', () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 50 }) }),
    fc.record({ kind: fc.constant('kill' as const), count: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const folder = temporaryFolder();
      let spool = new Spool(folder, 262_144);
      let appended = 0;
      const taken: number[] = [];
      const steps = {
        append(count: number) {
          fill(spool, appended + 1, appended + count, 100);
          appended += count;
        },
        take(count: number) {
          const batch = spool.peek(count, MIB);
          taken.push(...sequences(batch));
          if (batch) spool.acknowledge(batch);
        },
        kill() {
          spool = new Spool(folder, 262_144);
        },
      };
      for (const { kind, count } of acts) steps[kind](count);
      expect([...taken, ...drain(spool)]).toEqual(Array.from({ length: appended }, (_, i) => i + 1));
    }),
    { numRuns: 60 },
  );
});
