import { expect, test } from 'vitest';
import { frame, register, START_MS, StageWorld } from './world.ts';

const minute = (n: number) => START_MS + n * 60_000;
const heartbeats = (world: StageWorld) =>
  world.assessments.map(({ windowEndMs, heartbeat }) => `${(windowEndMs - START_MS) / 60_000} ${heartbeat}`);

/** A node that reports for two minutes, with the ticks between its frames. */
function reporting(): StageWorld {
  const world = new StageWorld(register(['n1']));
  for (let sequence = 1; sequence <= 12; sequence++) {
    world.frame(frame({ sequence }));
    world.ticks(START_MS + sequence * 10_000, START_MS + sequence * 10_000);
  }
  return world;
}

test('an agent that stops is missed by two minutes and blind before five', () => {
  const world = reporting();
  const silentFrom = (ms: number) => world.ticks(minute(2) + 10_000, minute(2) + ms);
  silentFrom(70_000);
  expect(heartbeats(world)).toEqual(['1 present', '2 present']);
  silentFrom(120_000);
  expect(heartbeats(world).at(-1)).toBe('3 missed');
  silentFrom(300_000);
  expect(heartbeats(world)).toContain('5 blind');
  expect(world.assessments.at(-1)).toMatchObject({ behaviours: { B12: 1 }, conformity: 'cannot tell' });
});

test('the first frame after it makes the node present again', () => {
  const world = reporting();
  world.ticks(minute(2) + 10_000, minute(8));
  for (let sequence = 13; sequence <= 19; sequence++) {
    world.frame(frame({ sequence, endMs: minute(8) + (sequence - 12) * 10_000 }));
  }
  expect(heartbeats(world).at(-1)).toBe('9 present');
  world.ticks(minute(9) + 20_000, minute(10) + 10_000);
  expect(heartbeats(world).at(-1)).toBe('10 present');
});

test('when the bus is away, ticks stop with the frames, and nobody is blind', () => {
  const world = reporting();
  for (let sequence = 13; sequence <= 144; sequence++) {
    const back = minute(22) + 5_000;
    if (sequence % 20 === 0) world.ticks(Math.floor(back / 10_000) * 10_000, minute(22));
    world.frame(frame({ sequence }));
  }
  world.ticks(minute(24) + 10_000, minute(24) + 20_000);
  expect(world.assessments.every(({ heartbeat }) => heartbeat === 'present')).toBe(true);
  expect(new Set(world.assessments.map(({ windowEndMs }) => windowEndMs)).size).toBe(24);
});

test('two tickers count as one', () => {
  const world = reporting();
  for (let i = 1; i <= 7; i++) {
    world.ticks(minute(2) + i * 10_000, minute(2) + i * 10_000);
    world.ticks(minute(2) + i * 10_000, minute(2) + i * 10_000);
  }
  expect(heartbeats(world)).toEqual(['1 present', '2 present']);
});

test('a node silent for days is assessed each minute for an hour, then once an hour', () => {
  const world = reporting();
  world.ticks(minute(2) + 10_000, minute(2 + 24 * 60));
  expect(world.assessments.length).toBeGreaterThan(60 + 20);
  expect(world.assessments.length).toBeLessThan(60 + 30);
});
