import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Register } from '#libs/detect/register.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import { TRUST } from '#libs/detect/trust.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Reading } from '#libs/model/reading.ts';
import {
  bootName,
  declaration,
  frame,
  normal,
  register,
  row,
  START_MS,
  StageWorld,
  seeded,
  sha256,
} from './world.ts';

const minute = (n: number) => START_MS + n * 60_000;

/** Both stages in a row: what stage 1 says is what stage 2 hears, tick by tick. */
class TwoStages {
  readonly findings: Finding[] = [];
  readonly first: StageWorld;
  readonly second: SiteStage;
  readonly #decoder = new FrameDecoder();

  constructor(nodes: Register) {
    this.first = new StageWorld(nodes);
    this.second = new SiteStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => nodes,
      publish: (finding) => this.findings.push(finding),
    });
  }

  /** Ten-second steps; `watts` of a node at a step, null: no frame. */
  run(
    from: number,
    to: number,
    nodes: readonly string[],
    watts: (node: string, step: number) => number | null,
  ) {
    for (let step = from; step <= to; step++) {
      for (const node of nodes) {
        const value = watts(node, step);
        if (value === null) continue;
        const host = row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts: value });
        this.first.frame(frame({ node, sequence: step, entities: [host] }));
      }
      this.tick(step);
    }
  }

  tick(step: number): void {
    const timeMs = START_MS + step * 10_000;
    this.first.ticks(timeMs, timeMs);
    this.hear();
    this.second.tick({ index: timeMs / 10_000, timeMs }, 0);
    this.second.readingsTick({ index: timeMs / 10_000, timeMs });
  }

  hear(): void {
    for (const one of this.first.summaries.splice(0))
      this.second.summary(this.#decoder.decode(encodeFrame(one)));
    for (const one of this.first.assessments.splice(0)) this.second.assessment(one);
  }

  reading(node: string, endMs: number, powerWatts: number): void {
    const reading: Reading = {
      source: 'pdu',
      site: 's1',
      meter: 'm1',
      node,
      endMs,
      intervalMs: 60_000,
      powerWatts,
      energyJoules: null,
    };
    this.second.reading(reading);
  }

  get story(): string[] {
    return this.findings.map((one) => {
      const at = ((one.closedMs ?? one.updatedMs) - START_MS) / 60_000;
      return `${at} ${one.node} ${one.kind} ${one.status} ${one.severity}`;
    });
  }
}

const bounded = (nodes: readonly string[], max: number) =>
  register(nodes, [declaration(nodes, [{ metric: 'node_power_watts', min: null, max }])]);

test('a declared node that leaves its envelope makes exactly one finding, dated by its onset', () => {
  const random = seeded(2);
  const world = new TwoStages(bounded(['n1'], 600));
  const onset = 40 * 6 + 3;
  world.run(1, 60 * 6, ['n1'], (_, step) => (step > onset ? 900 : 500) + 10 * normal(random));
  expect(new Set(world.findings.map(({ id }) => id)).size).toBe(1);
  const [opened] = world.findings;
  expect(opened).toMatchObject({ kind: 'deviation', status: 'open', openedMs: minute(41), tenant: 't1' });
  expect(opened?.updatedMs).toBe(minute(43));
  expect(opened?.assessments).toHaveLength(3);
  expect(opened?.counterReasons.length).toBeGreaterThan(0);
  const last = world.findings.at(-1);
  expect(last?.status).toBe('open');
  expect(last?.onset?.fromMs).toBeLessThanOrEqual(START_MS + onset * 10_000);
  expect(last?.onset?.toMs).toBeGreaterThanOrEqual(START_MS + onset * 10_000);
  expect(world.findings.length).toBeLessThanOrEqual(3);
});

test('it closes after five windows inside, and a later one is another finding', () => {
  const world = new TwoStages(bounded(['n1'], 600));
  const high = (step: number) => (step > 120 && step <= 180) || step > 300;
  world.run(1, 360, ['n1'], (_, step) => (high(step) ? 900 : 500));
  expect(world.story.filter((line) => !line.includes('open'))).toEqual(['35 n1 deviation closed low']);
  expect(new Set(world.findings.map(({ id }) => id)).size).toBe(2);
});

test('nothing is raised in the warm-up, nor by two windows of four', () => {
  const young = new TwoStages(bounded(['n1'], 600));
  young.run(1, PARAMETERS.warmUpWindows * 6 + 5, ['n1'], () => 900);
  expect(young.findings).toEqual([]);
  const brief = new TwoStages(bounded(['n1'], 600));
  brief.run(1, 240, ['n1'], (_, step) => (step % 60 >= 48 ? 900 : 500));
  expect(brief.findings).toEqual([]);
});

test('a node without a declaration that changes is for information only', () => {
  const world = new TwoStages(register(['n1']));
  world.run(1, 300, ['n1'], (_, step) => (step > 240 ? 900 : 500));
  expect(world.story).toEqual(['43 n1 deviation open info']);
});

test('missed, blind, and back again', () => {
  const world = new TwoStages(register(['n1']));
  const away = (step: number) => step > 120 && step <= 240;
  world.run(1, 300, ['n1'], (_, step) => (away(step) ? null : 500));
  expect(world.story).toEqual(['23 n1 blind open medium', '41 n1 blind closed medium']);
  expect(world.findings[0]?.reasons[0]?.rule).toBe('heartbeat');
});

test('a blind node that a meter sees working is blind with load', () => {
  const world = new TwoStages(register(['n1']));
  world.run(1, 140, ['n1'], (_, step) => (step > 120 ? null : 500));
  world.reading('n1', minute(22), 480);
  world.run(141, 200, ['n1'], () => null);
  expect(world.story).toEqual(['23 n1 blind with load open high']);
  expect(world.findings[0]?.unseen.join(' ')).not.toContain('No out-of-band meter');
  expect(world.findings[0]?.unseen.join(' ')).toContain('The meter shows how much power');
  expect(world.findings[0]).toMatchObject({ grade: 'B' });
});

test('a reading that comes later turns blind into blind with load; a small one does not', () => {
  const world = new TwoStages(register(['n1']));
  world.run(1, 160, ['n1'], (_, step) => (step > 120 ? null : 500));
  world.reading('n1', minute(25), 100);
  world.reading('n1', minute(26), 480);
  world.run(161, 164, ['n1'], () => null);
  expect(world.story).toEqual([
    '23 n1 blind open medium',
    '26 n1 blind closed medium',
    '26 n1 blind with load open high',
  ]);
});

test('a node that returns draws power before its first window is closed, and was not blind with load', () => {
  for (const comesMidway of [0, 3]) {
    const world = new TwoStages(register(['n1']));
    const backAt = 30 * 6 + comesMidway;
    const says = (_: string, step: number) => (step > 120 && step <= backAt ? null : 500);
    world.run(1, 30 * 6, ['n1'], says);
    for (let at = 31; at <= 36; at++) {
      world.run((at - 1) * 6 + 1, at * 6, ['n1'], says);
      world.reading('n1', minute(at), 480);
    }
    expect(world.story).toEqual(['23 n1 blind open medium', '31 n1 blind closed medium']);
  }
});

test('of readings of load each minute the first is the one that counts', () => {
  const world = new TwoStages(register(['n1']));
  world.run(1, 180, ['n1'], (_, step) => (step > 120 ? null : 500));
  for (let at = 30; at <= 34; at++) {
    world.reading('n1', minute(at), 480);
    world.run(at * 6 + 1, (at + 1) * 6, ['n1'], () => null);
  }
  expect(world.story).toEqual([
    '23 n1 blind open medium',
    '30 n1 blind closed medium',
    '30 n1 blind with load open high',
  ]);
});

test('a meter reading from before the last frame says nothing about the silence', () => {
  const world = new TwoStages(register(['n1']));
  world.run(1, 120, ['n1'], () => 500);
  world.reading('n1', minute(19), 480);
  world.run(121, 200, ['n1'], () => null);
  expect(world.story).toEqual(['23 n1 blind open medium']);
});

test('a blind node waits for the readings, and not for ever', () => {
  const world = new TwoStages(register(['n1']));
  world.run(1, 120, ['n1'], () => 500);
  const ticks: number[] = [];
  for (let step = 121; step <= 160; step++) {
    const timeMs = START_MS + step * 10_000;
    world.first.ticks(timeMs, timeMs);
    world.hear();
    world.second.tick({ index: timeMs / 10_000, timeMs }, 0);
    if (world.findings.length > 0) ticks.push(step);
  }
  expect(ticks[0]).toBeGreaterThan(143);
  expect(ticks[0]).toBeLessThanOrEqual(143 + PARAMETERS.readingsWaitTicks + 1);
});

test('of five peers and more the one that is unlike them is named; of four none is', () => {
  const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'];
  const odd = (node: string) => (node === 'n3' ? 900 : 500);
  const five = new TwoStages(register(nodes));
  five.run(1, 120, nodes, odd);
  expect(five.story).toEqual(['4 n3 deviation open info']);
  expect(five.findings[0]?.reasons).toMatchObject([{ rule: 'peers', observed: 900, expected: 500 }]);
  const four = new TwoStages(register(nodes.slice(1)));
  four.run(1, 120, nodes.slice(1), odd);
  expect(four.findings).toEqual([]);
});

test('peers add to the severity of a declared deviation', () => {
  const nodes = ['n1', 'n2', 'n3', 'n4', 'n5'];
  const world = new TwoStages(bounded(nodes, 600));
  world.run(1, 150, nodes, (node, step) => (node === 'n3' && step > 90 ? 900 : 500));
  expect(world.story).toEqual(['18 n3 deviation open medium']);
});

test('a forked chain is a clone finding, and closes after five clean windows', () => {
  const world = new TwoStages(register(['n1']));
  for (let step = 1; step <= 120; step++) {
    world.first.frame(frame({ sequence: step }), step === 40 ? TRUST.fork : 0);
    world.tick(step);
  }
  expect(world.story).toEqual(['7 n1 clone open high', '12 n1 clone closed high']);
  expect(world.findings[0]?.grade).toBe('X');
});

test('a clock ahead is a clock finding, and closes after five windows', () => {
  const world = new TwoStages(register(['n1']));
  world.run(1, 30, ['n1'], () => 500);
  world.first.receivedMs = START_MS + 301_000;
  world.first.frame(frame({ sequence: 31, endMs: START_MS + 9_000_000 }));
  world.first.receivedMs = null;
  world.run(32, 120, ['n1'], () => 500);
  expect(world.story).toEqual(['6 n1 clock open low', '9 n1 clock closed low']);
});

test('what is heard twice is said once, also through a checkpoint', () => {
  const nodes = bounded(['n1', 'n2'], 600);
  const once = new StageWorld(nodes);
  for (let step = 1; step <= 200; step++) {
    const host = row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts: step > 100 ? 900 : 500 });
    once.frame(frame({ sequence: step, entities: [host], boot: bootName('c') }));
  }
  const findings: Finding[] = [];
  const make = () =>
    new SiteStage({
      parameters: PARAMETERS,
      hash: sha256,
      register: () => nodes,
      publish: (finding) => findings.push(finding),
    });
  let stage = make();
  const window = 5;
  for (let i = 0; i < once.assessments.length; i++) {
    for (const one of once.assessments.slice(Math.max(0, i - window), i + 1)) stage.assessment(one);
    const state = JSON.parse(JSON.stringify(stage.dump()));
    stage = make();
    stage.restore(state);
  }
  expect(new Set(findings.map((one) => JSON.stringify(one))).size).toBe(findings.length);
  expect(new Set(findings.map(({ id }) => id)).size).toBe(1);
});
