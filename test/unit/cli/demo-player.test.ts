import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { headerText } from '#libs/bus/header-text.ts';
import type { Bus, Delivered } from '#libs/bus/port.ts';
import { createSqliteBus } from '#libs/bus/sqlite.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import { HEADERS } from '#libs/model/headers.ts';
import type { Reading } from '#libs/model/reading.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { makeFleet } from '#services/cli/demo/fleet.ts';
import { Player } from '#services/cli/demo/player.ts';
import { readTopic } from '#test/support/points.ts';

const NODES = 40;
const MINUTE_MS = 60_000;
let folder: string;
let bus: Bus;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-'));
  bus = createSqliteBus({ path: join(folder, 'bus.db'), partitions: 1 });
  await bus.ensure([TOPICS.frames, TOPICS.readings]);
});

afterEach(async () => {
  await bus.close();
  await rm(folder, { recursive: true });
});

const wholeMinute = (agoMs: number) => Math.floor((Date.now() - agoMs) / MINUTE_MS) * MINUTE_MS;
const typeOf = (record: Delivered) => headerText(record, HEADERS.type);

/** Plays so many steps at full speed. @param beganMs of the story */
async function played(steps: number, beganMs: number, read?: () => number) {
  const ending = new AbortController();
  let left = steps;
  const player = new Player({
    bus,
    fleet: makeFleet(NODES, 1, beganMs),
    speed: 10_000,
    read: read ?? (() => Number.POSITIVE_INFINITY),
    signal: ending.signal,
    stepped: () => {
      if (--left === 0) ending.abort();
    },
  });
  await player.play();
}

test('each step is a frame of every node that speaks, then the tick of its time', async () => {
  const beganMs = wholeMinute(3_600_000);
  await played(7, beganMs);
  const records = await readTopic(bus, TOPICS.frames.name);
  const steps = records.map(typeOf).join(' ').split(' tick').slice(0, -1);
  expect(steps).toHaveLength(7);
  for (const step of steps) expect(step.trim().split(' ')).toEqual(Array(NODES).fill('frame'));
  const ends = records
    .filter((one) => typeOf(one) === 'frame')
    .map(({ value }) => decodeFrame(value).frame.endMs);
  expect(new Set(ends).size).toBe(7);
  expect(Math.min(...ends)).toBe(beganMs + 10_000);
});

test('outlets are read once a minute, and their energy is the integral of their power', async () => {
  const beganMs = wholeMinute(3_600_000);
  await played(18, beganMs);
  const records = (await readTopic(bus, TOPICS.readings.name)).filter((one) => typeOf(one) === 'reading');
  const readings = records.map(({ value }) => JSON.parse(new TextDecoder().decode(value)) as Reading);
  const own = readings.filter(({ node }) => node === 'bor-002');
  expect(own.map(({ endMs }) => (endMs - beganMs) / MINUTE_MS)).toEqual([1, 2, 3]);
  const watts = ((own[2]?.energyJoules ?? 0) - (own[0]?.energyJoules ?? 0)) / 120;
  expect(watts).toBeGreaterThan(3_000);
  expect(watts).toBeLessThan(10_000);
  expect(readings.some(({ node }) => node?.startsWith('pc-'))).toBe(false);
});

test('event time waits for the clock, and is never ahead of it', async () => {
  const beganMs = Math.floor(Date.now() / 10_000) * 10_000 - 20_000;
  await played(2, beganMs);
  for (const record of await readTopic(bus, TOPICS.frames.name)) {
    if (typeOf(record) === 'frame')
      expect(decodeFrame(record.value).frame.endMs).toBeLessThanOrEqual(record.receivedMs);
  }
});

test('it waits for a detector that is far behind', async () => {
  let read = 0;
  const waited = setTimeout(() => {
    read = Number.POSITIVE_INFINITY;
  }, 1_500);
  const begunMs = performance.now();
  await played(20, wholeMinute(3_600_000), () => read);
  clearTimeout(waited);
  expect(performance.now() - begunMs).toBeGreaterThan(1_400);
});
