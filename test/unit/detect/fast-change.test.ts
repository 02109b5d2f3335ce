import { expect, test } from 'vitest';
import { HOST_WINDOW } from '#libs/detect/layout.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { fromSpreads, scalesOf, toSpreads } from '#libs/detect/scales.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import { frame, normal, register, row, START_MS, StageWorld, seeded } from './world.ts';

const FRAME_MS = 10_000;

const busy = (watts: number, cpu = 0.3) => [
  row('host', 0, { cpu_utilization_ratio: cpu, node_power_watts: watts }),
];
const changes = (assessments: readonly Assessment[]) =>
  assessments.filter(({ reasons }) => reasons.some(({ rule }) => rule === 'change'));
const early = (assessments: readonly Assessment[]) => assessments.filter((one) => !isWhole(one));

/** Frames of one node whose power is `watts(i)`, i from 1. */
function feed(world: StageWorld, from: number, to: number, watts: (i: number) => number): void {
  for (let i = from; i <= to; i++) world.frame(frame({ sequence: i, entities: busy(watts(i)) }));
}

test('200 W with a floor of 10 W and a ratio of a twentieth are 17.63 smallest spreads, and back', () => {
  const scales = scalesOf(HOST_WINDOW, PARAMETERS);
  const power = HOST_WINDOW.tracked.findIndex((i) => HOST_WINDOW.metrics[i]?.name === 'node_power_watts');
  expect(toSpreads(scales, power, 200)).toBeCloseTo(17.63, 2);
  expect(fromSpreads(scales, power, toSpreads(scales, power, 7_912))).toBeCloseTo(7_912, 6);
});

test('a jump is told of with the frame that shows it, dated by that frame, and again when its window closes', () => {
  const world = new StageWorld(register(['n1']));
  feed(world, 1, 33, (i) => (i < 33 ? 500 : 900));
  expect(early(world.assessments)).toHaveLength(1);
  const [told] = early(world.assessments);
  const interval = { fromMs: START_MS + 32 * FRAME_MS, toMs: START_MS + 33 * FRAME_MS };
  expect(told).toMatchObject({ windowEndMs: interval.toMs, onset: interval, coverageRatio: 0.5 });
  expect(told?.reasons.find(({ rule }) => rule === 'change')).toMatchObject({
    metric: 'node_power_watts',
    text: expect.stringContaining('went from 500 W to 900 W within seconds'),
  });
  feed(world, 34, 43, () => 900);
  const whole = changes(world.assessments).filter(isWhole);
  expect(whole.map(({ windowEndMs }) => windowEndMs)).toEqual([START_MS + 36 * FRAME_MS]);
  expect(whole[0]?.onset).toEqual(interval);
});

test('a change of the last frame of a window is told of with the window', () => {
  const world = new StageWorld(register(['n1']));
  feed(world, 1, 43, (i) => (i < 36 ? 500 : 900));
  expect(early(world.assessments)).toEqual([]);
  expect(changes(world.assessments).map(({ windowEndMs }) => windowEndMs)).toEqual([
    START_MS + 36 * FRAME_MS,
  ]);
});

test('a shift of three spreads is found within a minute, its onset within the interval', () => {
  const found: boolean[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const onset = 40 + (seed % 6);
    const world = new StageWorld(register(['n1']));
    feed(world, 1, 60, (i) => (i < onset ? 500 : 580) + 12 * normal(random));
    const [first] = changes(world.assessments).filter(
      ({ windowEndMs }) => windowEndMs > START_MS + (onset - 1) * FRAME_MS,
    );
    const began = START_MS + (onset - 1) * FRAME_MS;
    const { fromMs = 0, toMs = 0 } = first?.onset ?? {};
    found.push(toMs - began <= 60_000 && fromMs - 2 * FRAME_MS <= began && began <= toMs);
  }
  expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(36);
});

test('six hours of noise are a change at most once', () => {
  const world = new StageWorld(register(['n1']));
  const random = seeded(77);
  feed(world, 1, 6 * 360, () => 500 + 40 * normal(random));
  expect(early(world.assessments).length).toBeLessThanOrEqual(1);
});

test('a slow ramp is no change within seconds', () => {
  const world = new StageWorld(register(['n1']));
  feed(world, 1, 2_000, (i) => 500 * (1 + i / 4_000));
  expect(changes(world.assessments)).toEqual([]);
});

test('a new level is told of once, and so is the way back', () => {
  const world = new StageWorld(register(['n1']));
  feed(world, 1, 150, (i) => (i > 50 && i <= 100 ? 900 : 500));
  expect(early(world.assessments).map(({ windowEndMs }) => (windowEndMs - START_MS) / FRAME_MS)).toEqual([
    51, 101,
  ]);
});

test('nothing is dated across a gap in the frames, nor by a frame that comes late', () => {
  const world = new StageWorld(register(['n1']));
  feed(world, 1, 40, () => 500);
  feed(world, 80, 81, () => 540);
  world.frame(frame({ sequence: 79, entities: busy(5_000) }));
  feed(world, 82, 90, () => 540);
  for (const { onset } of changes(world.assessments))
    expect(onset?.fromMs).toBeGreaterThanOrEqual(START_MS + 79 * FRAME_MS);
  expect(
    changes(world.assessments).flatMap(({ reasons }) => reasons.map(({ observed }) => observed)),
  ).not.toContain(5_000);
});

test('a node that falls idle has changed to nothing, one that rises from idle has changed', () => {
  const world = new StageWorld(register(['n1']));
  const entities = (cpu: number) => [row('host', 0, { cpu_utilization_ratio: cpu })];
  for (let i = 1; i <= 60; i++) world.frame(frame({ sequence: i, entities: entities(i < 36 ? 0.4 : 0.01) }));
  expect(early(world.assessments)).toEqual([]);
  for (let i = 61; i <= 65; i++) world.frame(frame({ sequence: i, entities: entities(0.5) }));
  expect(early(world.assessments)).toHaveLength(1);
});

test('a checkpoint between two frames changes nothing of what is told', () => {
  const run = (restartAt: number) => {
    const random = seeded(5);
    const world = new StageWorld(register(['n1']));
    let said: Assessment[] = [];
    let now = world;
    for (let i = 1; i <= 80; i++) {
      const watts = (i < 50 ? 500 : 560) + 10 * normal(random);
      now.frame(frame({ sequence: i, entities: busy(watts) }));
      if (i !== restartAt) continue;
      const { state, bytes } = now.stage.dump();
      said = [...now.assessments];
      now = new StageWorld(register(['n1']));
      now.stage.restore(structuredClone(state), Buffer.concat(bytes));
    }
    return [...said, ...now.assessments].map(({ revision }) => revision);
  };
  expect(run(51)).toEqual(run(-1));
});
