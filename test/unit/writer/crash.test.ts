import { expect, test } from 'vitest';
import type { Outgoing } from '#libs/bus/port.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import type { Point } from '#libs/series/port.ts';
import { framePoints } from '#services/writer/frame-points.ts';
import { eventually } from '#test/support/eventually.ts';
import { ServiceProcess } from '#test/support/process.ts';
import { allCommitted, deadRecords, fleetFrames, isBalanced, openWorkshop, stored } from './workshop.ts';

const NODES = ['a', 'b', 'c', 'd'];
const FRAMES = 1_500;

test('killed mid-way and started again, the writer stores the same points and balances', {
  timeout: 60_000,
}, async () => {
  await using shop = await openWorkshop();
  const frames = fleetFrames(NODES, FRAMES, 2);
  const poisoned = frames.map(
    (frame, i): Outgoing => (i % 97 === 3 ? { ...frame, value: Uint8Array.of(9, 9) } : frame),
  );
  await shop.bus.publish(poisoned);
  await using writer = new ServiceProcess('writer', {
    DAVYLAMP_DATA_DIR: shop.dataDir,
    DAVYLAMP_WRITER_FLUSH_POINTS: '100',
    DAVYLAMP_WRITER_FLUSH_MS: '0',
    DAVYLAMP_BUS_PARTITIONS: '3',
  });
  const count = async () => {
    const fields = ['cpu_utilization_ratio'];
    const found = await Promise.all(NODES.map((node) => stored(shop.series, 'frame', node, fields)));
    return found.flat().length;
  };
  writer.start();
  await eventually('the first points', count, (points) => points > 0, 20_000, 1);
  await writer.kill();
  // It was killed before the end, or this test shows nothing.
  expect(await count()).toBeLessThan(NODES.length * FRAMES * 0.9);
  writer.start();
  await allCommitted(shop.bus, 30_000);
  await writer.stop();

  for (const node of NODES) {
    const expected = pointsOf(poisoned.filter(({ key, value }) => key === node && value.length > 2));
    const fields = [...new Set(expected.flatMap((point) => point.fields))];
    const found = await stored(shop.series, 'frame', node, fields);
    expect(found.map(present)).toEqual(expected.map(present));
  }
  const buried = poisoned.filter(({ value }) => value.length === 2).length;
  expect((await deadRecords(shop.bus)).length).toBeGreaterThanOrEqual(buried);
  const rows = await shop.ledger.custody.balance();
  expect(isBalanced(rows)).toBe(true);
  expect(rows.reduce((sum, row) => sum + row.sent, 0)).toBe(NODES.length * FRAMES);
  expect(rows.reduce((sum, row) => sum + row.dead, 0)).toBe(buried);
});

/** By time, then by entity, as the store gives them. */
function pointsOf(messages: readonly Outgoing[]): readonly Point[] {
  const decoder = new FrameDecoder();
  return messages
    .flatMap(({ value }) => framePoints(decoder.decode(value), 'frame', 'all'))
    .toSorted((a, b) => a.timeMs - b.timeMs || (a.entity < b.entity ? -1 : 1));
}

/** A point's values by the names of their fields, whatever else was asked for. */
function present({ entity, timeMs, fields, values }: Point): unknown {
  const named = fields.map((field, i) => [field, values[i] as number] as const);
  return { entity, timeMs, ...Object.fromEntries(named.filter(([, value]) => !Number.isNaN(value))) };
}
