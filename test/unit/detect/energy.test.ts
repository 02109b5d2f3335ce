import { expect, test } from 'vitest';
import type { Register } from '#libs/detect/register.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import type { Reading } from '#libs/model/reading.ts';
import { Hall, hostOf, minute, readingOf } from './hall.ts';
import { declaration, normal, register, row, seeded } from './world.ts';

const N1 = ['n1'];
const UNDECLARED = register(N1);

interface Metered {
  readonly minutes: number;
  /** In band. */
  readonly says?: (minute: number, step: number) => readonly EntityRow[];
  readonly meters: (minute: number) => readonly Reading[];
  readonly register?: Register;
  readonly restarts?: boolean;
}

function hallOf({ minutes, says, meters, register: nodes = UNDECLARED, restarts = false }: Metered): Hall {
  const hall = new Hall(nodes);
  hall.restarts = restarts;
  hall.run(
    0,
    minutes,
    N1,
    (_, inMinute, step) => ({ entities: says?.(inMinute, step) ?? [hostOf(1_000)] }),
    meters,
  );
  return hall;
}

const mismatches = ({ story }: Hall) => story.filter((line) => line.includes('energy'));
const metered = (watts: (minute: number) => number) => (at: number) => [readingOf('n1', at, watts(at))];
/** It mines from minute 40 to 70 and says all the while what it said before. */
const replayed = metered((at) => (at > 40 && at <= 70 ? 4_000 : 1_030));

test('a meter that shows far more than the node says of itself contradicts it within 15 minutes', () => {
  const hall = hallOf({ minutes: 60, meters: replayed });
  expect(mismatches(hall)).toEqual([expect.stringMatching(/^(4[5-9]|5[0-5]) n1 energy mismatch open high$/)]);
  const [found] = hall.findings;
  expect(found).toMatchObject({
    grade: 'X',
    openedMs: minute(41),
    onset: { fromMs: minute(40), toMs: minute(41) },
  });
  expect(found?.reasons).toMatchObject([{ rule: 'energy', metric: 'node_power_watts' }]);
  expect(found?.reasons[0]?.text).toMatch(
    /over 15 minutes a meter shows \d+ W and the node itself says 1000 W/,
  );
  expect(found?.counterReasons.length).toBeGreaterThan(1);
  expect(found?.unseen.length).toBeGreaterThan(1);
  expect(found?.assessments.length).toBeGreaterThan(0);
});

test('it closes when they agree for five minutes, and is not opened again by what was told', () => {
  const hall = hallOf({ minutes: 120, meters: replayed });
  expect(mismatches(hall).map((line) => line.replace(/^\d+ /, ''))).toEqual([
    'n1 energy mismatch open high',
    'n1 energy mismatch closed high',
  ]);
  expect(hall.findings.at(-1)?.closedMs).toBe(minute(75));
});

test('a meter that shows far less contradicts it too', () => {
  const hall = hallOf({ minutes: 60, meters: metered((at) => (at > 40 ? 300 : 1_000)) });
  expect(mismatches(hall)).toHaveLength(1);
});

test('losses of a supply, and one wild minute, are no contradiction', () => {
  expect(mismatches(hallOf({ minutes: 90, meters: metered(() => 1_090) }))).toEqual([]);
  const wild = metered((at) => (at === 40 ? 9_000 : 1_000));
  expect(mismatches(hallOf({ minutes: 90, meters: wild }))).toEqual([]);
});

test('a meter that shows an instant of a load that swings is no contradiction', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const random = seeded(seed);
    const meters = metered(() => 6_000 + 1_500 * normal(random));
    const hall = hallOf({ minutes: 600, says: () => [hostOf(6_000)], meters });
    expect(mismatches(hall)).toEqual([]);
  }
});

test('two that have differed since they were first compared are told at low severity, whatever the load', () => {
  const load = (at: number) => (at % 120 < 60 ? 1_000 : 6_000);
  const hall = hallOf({
    minutes: 400,
    says: (at) => [hostOf(load(at))],
    meters: metered((at) => load(at) + 400),
  });
  expect(mismatches(hall).length).toBeGreaterThan(0);
  expect(
    new Set(hall.findings.filter(({ kind }) => kind === 'energy mismatch').map(({ severity }) => severity)),
  ).toEqual(new Set(['low']));
  expect(hall.findings[0]?.counterReasons[0]?.text).toMatch(/since they were first compared/);
});

test('two supplies on two outlets are one power, and without one of them nothing is compared', () => {
  const outlets = (at: number) => [
    readingOf('n1', at, 520, { meter: 'a' }),
    ...(at > 40 && at < 80 ? [] : [readingOf('n1', at, 510, { meter: 'b' })]),
  ];
  expect(mismatches(hallOf({ minutes: 90, meters: outlets }))).toEqual([]);
});

test('the outlet is believed before the management controller, which the tenant may reach', () => {
  const both = (at: number) => [
    readingOf('n1', at, 1_000, { source: 'bmc', meter: 'bmc' }),
    readingOf('n1', at, at > 40 ? 4_000 : 1_000),
  ];
  expect(mismatches(hallOf({ minutes: 60, meters: both }))).toHaveLength(1);
});

test('what is no meter of power is not compared', () => {
  const other = (at: number) => [readingOf('n1', at, 9_000, { source: 'switch' })];
  expect(mismatches(hallOf({ minutes: 60, meters: other }))).toEqual([]);
});

test('a meter that speaks every five minutes is compared with the mean of the node over them', () => {
  const every = (watts: (minute: number) => number) => (at: number) =>
    at % 5 === 0 ? [readingOf('n1', at, watts(at), { intervalMs: 300_000 })] : [];
  const swinging = (at: number) => [hostOf(at % 2 === 0 ? 500 : 1_500)];
  const mean = (at: number) => (at % 10 === 0 ? 900 : 1_100);
  expect(mismatches(hallOf({ minutes: 90, says: swinging, meters: every(mean) }))).toEqual([]);
  const apart = every((at) => (at > 40 ? 4_000 : 1_000));
  expect(mismatches(hallOf({ minutes: 90, says: swinging, meters: apart }))).toHaveLength(1);
});

const parts = (gpuWatts: number) => [
  row('host', 0, { cpu_utilization_ratio: 0.5, cpu_power_watts: 300 }),
  row('gpu', 0, { gpu_power_watts: gpuWatts, gpu_utilization_ratio: 0.9 }),
  row('gpu', 1, { gpu_power_watts: gpuWatts, gpu_utilization_ratio: 0.9 }),
];

test('without a sensor of the whole node its host is modelled: much is allowed, and more than that is told', () => {
  const hall = (watts: number) =>
    hallOf({ minutes: 60, says: () => parts(300), meters: metered((at) => (at > 30 ? watts : 1_300)) });
  expect(mismatches(hall(1_000))).toEqual([]);
  expect(mismatches(hall(1_700))).toEqual([]);
  const apart = hall(3_500);
  expect(mismatches(apart)).toHaveLength(1);
  expect(apart.findings.find(({ kind }) => kind === 'energy mismatch')?.unseen[0]).toMatch(
    /not measured in band/,
  );
  expect(mismatches(hall(500))).toHaveLength(1);
});

test('a GPU whose power is not measured leaves nothing to compare with', () => {
  const mute = () => [...parts(300), row('gpu', 2, { gpu_utilization_ratio: 0.9 })];
  expect(mismatches(hallOf({ minutes: 60, says: mute, meters: metered(() => 9_000) }))).toEqual([]);
});

const BOUNDED = register(N1, [declaration(N1, [{ metric: 'node_power_watts', min: null, max: 1_500 }])]);
const deviating = (at: number) => [hostOf(at > 40 ? 2_000 : 1_000)];

test('a deviation that a meter confirms has the best grade, and one that it contradicts the worst', () => {
  const gradeWith = (meters: (at: number) => readonly Reading[]) =>
    hallOf({ minutes: 60, says: deviating, register: BOUNDED, meters }).findings.find(
      ({ kind }) => kind === 'deviation',
    )?.grade;
  expect(gradeWith(() => [])).toBe('C');
  expect(gradeWith(metered((at) => (at > 40 ? 2_000 : 1_000)))).toBe('A');
  expect(gradeWith(metered(() => 6_000))).toBe('X');
});

test('the order in which nodes and meters are heard changes nothing, nor does a checkpoint at every tick', () => {
  const once = hallOf({ minutes: 120, meters: replayed });
  const restarted = hallOf({ minutes: 120, meters: replayed, restarts: true });
  expect(restarted.findings).toEqual(once.findings);
  const earlier = new Hall(UNDECLARED);
  for (let at = 1; at <= 3; at++) for (const one of replayed(at)) earlier.second.reading(one);
  earlier.run(
    0,
    120,
    N1,
    () => ({ entities: [hostOf(1_000)] }),
    (at) => replayed(at + 3),
  );
  expect(earlier.findings).toEqual(once.findings);
});
