import { expect, test } from 'vitest';
import type { Batch, Delivered } from '#libs/bus/port.ts';
import { Load } from '#services/writer/load.ts';

const record = (offset: number, value = Uint8Array.of(1)): Delivered => ({
  key: 'a',
  value,
  headers: { type: Buffer.from('frame') },
  offset,
  receivedMs: 0,
});
const batch = (...records: Delivered[]): Batch => ({ topic: 'frames', partition: 2, records });
const POINT = {
  measurement: 'frame',
  node: 'a',
  entity: 'host',
  timeMs: 1,
  fields: ['x'],
  values: [1],
} as const;

test('neighbouring sequence numbers of one fate are one run', () => {
  const load = new Load(batch(...[0, 1, 2, 3, 4, 5].map((offset) => record(offset))));
  for (const [place, seq] of [1, 2, 3, 4, 7, 8].entries())
    load.claim(place, 'a', 'boot', { from: seq, to: seq });
  load.claim(5, 'b', 'boot', { from: 1, to: 6 });
  load.bury(2, 'bad');
  expect(load.custody()).toEqual([
    { node: 'a', boot: 'boot', fate: 'stored', from: 1, to: 2 },
    { node: 'a', boot: 'boot', fate: 'dead', from: 3, to: 3 },
    { node: 'a', boot: 'boot', fate: 'stored', from: 4, to: 4 },
    { node: 'a', boot: 'boot', fate: 'stored', from: 7, to: 8 },
    { node: 'b', boot: 'boot', fate: 'stored', from: 1, to: 6 },
  ]);
});

test('a refused point buries the record it comes from, with the first reason', () => {
  const load = new Load(batch(record(10), record(11)));
  load.addPoints(0, [POINT]);
  load.addPoints(1, [POINT, POINT, POINT]);
  load.refuse(2, 'first');
  load.refuse(3, 'second');
  expect(load.dead).toBe(1);
  expect(load.deadLetters('writer')).toMatchObject([
    {
      topic: 'dead',
      key: 'a',
      headers: { type: 'frame', origin: 'frames/2/11', reason: 'first', service: 'writer' },
    },
  ]);
});

test('its halves bury in its name, and each has what its own records ask', () => {
  const load = new Load(batch(...[0, 1, 2].map((offset) => record(offset))));
  for (const place of [0, 1, 2]) {
    load.addPoints(place, [POINT]);
    load.claim(place, 'a', 'boot', { from: place + 1, to: place + 1 });
  }
  load.bury(1, 'bad');
  const [first, rest] = load.halves() ?? [];
  expect(first?.halves()).toBeNull();
  expect(first?.points).toHaveLength(1);
  expect(first?.deadLetters('writer')).toEqual([]);
  expect(rest?.points).toHaveLength(2);
  expect(rest?.deadLetters('writer')).toMatchObject([{ headers: { origin: 'frames/2/1' } }]);
  first?.giveUp('too strange');
  expect(load.dead).toBe(2);
  expect(first?.points).toEqual([]);
  expect(first?.custody()).toEqual([{ node: 'a', boot: 'boot', fate: 'dead', from: 1, to: 1 }]);
  first?.disown();
  expect(first?.custody()).toEqual([]);
  expect(first?.deadLetters('writer')).toMatchObject([{ headers: { reason: 'too strange' } }]);
  expect(rest?.custody()).toMatchObject([
    { fate: 'dead', from: 2 },
    { fate: 'stored', from: 3 },
  ]);
});

test('a batch that asks for nothing is empty', () => {
  const load = new Load(batch(record(0)));
  expect(load.isEmpty).toBe(true);
  load.bury(0, 'bad');
  expect(load.isEmpty).toBe(false);
});
