import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { declarationInForce } from '#libs/detect/register.ts';
import { TRUST } from '#libs/detect/trust.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import { declaration, frame, normal, register, row, START_MS, StageWorld, seeded } from './world.ts';

const host = (gauges: Readonly<Record<string, number>>) => [row('host', 0, gauges)];
const busy = (watts: number) => host({ cpu_utilization_ratio: 0.5, node_power_watts: watts });

/** Minutes of one node whose power follows `watts(i)`, i = number of the frame from 1. */
function watch(world: StageWorld, minutes: number, watts: (i: number) => number): Assessment[] {
  for (let i = 1; i <= minutes * 6 + 1; i++) world.frame(frame({ sequence: i, entities: busy(watts(i)) }));
  return world.assessments.filter(isWhole);
}

const bounded = (min: number | null, max: number | null) =>
  new StageWorld(register(['n1'], [declaration(['n1'], [{ metric: 'node_power_watts', min, max }])]));
const rules = (assessment: Assessment | undefined) => assessment?.reasons.map(({ rule }) => rule) ?? [];

test.each([
  [null, 500, 500, 'conforms'],
  [null, 500, 524, 'conforms'], // within the margin of 5 %
  [null, 500, 526, 'deviates'],
  [400, null, 379, 'deviates'],
  [400, null, 381, 'conforms'],
  [400, 600, 500, 'conforms'],
])('bounds %s..%s and a mean of %s W: %s', (min, max, watts, conformity) => {
  const [first] = watch(bounded(min, max), 1, () => watts);
  expect(first?.conformity).toBe(conformity);
  expect(rules(first)).toEqual(conformity === 'deviates' ? ['envelope'] : []);
  expect((first?.counterReasons.length ?? 0) > 0).toBe(conformity === 'deviates');
});

test('one GPU in eight above the declared maximum is seen, and named', () => {
  const world = new StageWorld(
    register(['n1'], [declaration(['n1'], [{ metric: 'gpu_power_watts', min: null, max: 350 }])]),
  );
  const gpus = Array.from({ length: 8 }, (_, g) => row('gpu', g, { gpu_power_watts: g === 5 ? 600 : 300 }));
  for (let sequence = 1; sequence <= 7; sequence++) world.frame(frame({ sequence, entities: gpus }));
  expect(world.assessments[0]?.conformity).toBe('deviates');
  expect(world.assessments[0]?.reasons[0]).toMatchObject({ metric: 'gpu_power_watts', observed: 600 });
  expect(world.assessments[0]?.reasons[0]?.text).toContain('gpu5');
});

test('an idle node stays below a declared minimum without deviating', () => {
  const world = new StageWorld(
    register(['n1'], [declaration(['n1'], [{ metric: 'node_power_watts', min: 400, max: null }])]),
  );
  const idle = host({ cpu_utilization_ratio: 0.01, node_power_watts: 90 });
  for (let sequence = 1; sequence <= 7; sequence++) world.frame(frame({ sequence, entities: idle }));
  expect(world.assessments[0]).toMatchObject({ conformity: 'conforms', behaviours: { B0: 0.95 } });
});

test('a GPU that draws power is not idle, whatever its utilisation says', () => {
  const world = new StageWorld(register(['n1']));
  const entities = [
    row('host', 0, { cpu_utilization_ratio: 0.01 }),
    row('gpu', 0, { gpu_utilization_ratio: 0, gpu_power_watts: 500 }),
  ];
  for (let sequence = 1; sequence <= 7; sequence++) world.frame(frame({ sequence, entities }));
  expect(world.assessments[0]?.behaviours).toEqual({ B13: 1 });
});

test('what is declared and not measured cannot be told, and the verdict says so', () => {
  const world = new StageWorld(
    register(['n1'], [declaration(['n1'], [{ metric: 'gpu_tensor_active_ratio', min: 0.1, max: null }])]),
  );
  for (let sequence = 1; sequence <= 7; sequence++) world.frame(frame({ sequence }));
  expect(world.assessments[0]?.conformity).toBe('cannot tell');
  expect(world.assessments[0]?.unseen[0]).toContain('gpu_tensor_active_ratio');
});

test('few frames of a window cannot be judged', () => {
  const world = bounded(null, 100);
  for (const sequence of [1, 2, 7]) world.frame(frame({ sequence, entities: busy(500) }));
  expect(world.assessments[0]).toMatchObject({ conformity: 'cannot tell' });
  expect(world.assessments[0]?.coverageRatio).toBeCloseTo(1 / 3, 12);
});

test('a level unlike the own past is a reason, and stays one: the episode does not become the reference', () => {
  const random = seeded(5);
  const world = new StageWorld(register(['n1']));
  const assessments = watch(world, 40 + 200, (i) => (i <= 240 ? 500 : 900) + 5 * normal(random));
  expect(assessments.slice(0, 40).flatMap(rules)).toEqual([]);
  expect(assessments.slice(40).every((one) => rules(one).includes('own-past'))).toBe(true);
  expect(assessments.at(-1)?.conformity).toBe('undeclared');
});

test('a slow ramp does not drag the reference along', () => {
  const assessments = watch(new StageWorld(register(['n1'])), 300, (i) => 500 + i / 5);
  expect(rules(assessments.at(-1))).toContain('own-past');
});

test('the onset interval holds the true onset', () => {
  const random = seeded(9);
  for (const onset of [241, 243, 246]) {
    const world = bounded(null, 600);
    const assessments = watch(world, 45, (i) => (i < onset ? 500 : 800) + 10 * normal(random));
    const last = assessments.at(-1);
    const trueMs = START_MS + (onset - 1) * 10_000;
    expect(last?.onset?.fromMs).toBeLessThanOrEqual(trueMs);
    expect(last?.onset?.toMs).toBeGreaterThanOrEqual(trueMs);
    expect((last?.onset?.toMs ?? 0) - (last?.onset?.fromMs ?? 0)).toBeLessThanOrEqual(180_000);
  }
});

test('grades follow from chain and seal', () => {
  const grade = (trust: number) => {
    const world = new StageWorld(register(['n1']));
    for (let sequence = 1; sequence <= 7; sequence++) world.frame(frame({ sequence }), trust);
    return world.assessments[0]?.grade;
  };
  expect(grade(0)).toBe('C');
  for (const weak of [TRUST.gap, TRUST.unsealed, TRUST.unenrolled]) expect(grade(weak)).toBe('D');
  for (const contradiction of [TRUST.fork, TRUST.otherKey, TRUST.broken])
    expect(grade(contradiction)).toBe('X');
});

test('another set of parameters, or another declaration, gives another revision', () => {
  const revision = (world: StageWorld) => watch(world, 1, () => 500)[0]?.revision;
  const same = revision(bounded(null, 700));
  expect(revision(bounded(null, 700))).toBe(same);
  const parameters = { ...PARAMETERS, peersZ: 7 };
  const nodes = register(
    ['n1'],
    [declaration(['n1'], [{ metric: 'node_power_watts', min: null, max: 700 }])],
  );
  expect(revision(new StageWorld(nodes, parameters))).not.toBe(same);
  expect(revision(new StageWorld(register(['n1'])))).not.toBe(same);
});

test('the declaration in force is the newest version that had begun, unless it has ended', () => {
  const first = { ...declaration(['n1'], []), validFromMs: 100 };
  const second = { ...first, version: 2, validFromMs: 200, validToMs: 300 };
  const nodes = register(['n1'], [first, second]);
  const at = (timeMs: number) => declarationInForce(nodes, 'n1', timeMs)?.version ?? null;
  expect([99, 100, 199, 200, 299, 300].map(at)).toEqual([null, 1, 1, 2, 2, null]);
});
