import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { buildRegister, type Register } from '#libs/detect/register.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { Finding } from '#libs/model/finding.ts';
import { declaration, frame, register, row, START_MS, StageWorld, sha256 } from './world.ts';

const NODES = ['n1', 'n2'];
const DECLARED = [declaration(NODES, [{ metric: 'node_power_watts', min: null, max: 600 }])];
const HOUR_STEPS = 360;

/** Both stages, with a register that changes while they run. */
class World {
  readonly findings: Finding[] = [];
  readonly #first = new StageWorld(register(NODES, DECLARED));
  readonly #decoder = new FrameDecoder();
  #register: Register = register(NODES, DECLARED);
  readonly #second = new SiteStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => this.#register,
    publish: (finding) => this.findings.push(finding),
  });

  decommission(node: string, atStep: number | null): void {
    const decommissionedMs = atStep === null ? null : START_MS + atStep * 10_000;
    const nodes = [...register(NODES).nodes.values()];
    this.#register = buildRegister(
      nodes.map((one) => (one.node === node ? { ...one, decommissionedMs } : one)),
      DECLARED,
    );
  }

  /** Ten-second steps; null: no frame. */
  run(from: number, to: number, watts: (node: string, step: number) => number | null): void {
    for (let step = from; step <= to; step++) {
      for (const node of NODES) {
        const value = watts(node, step);
        if (value === null) continue;
        const host = row('host', 0, { cpu_utilization_ratio: 0.5, node_power_watts: value });
        this.#first.frame(frame({ node, sequence: step, entities: [host] }));
      }
      this.#tick(START_MS + step * 10_000);
    }
  }

  #tick(timeMs: number): void {
    this.#first.ticks(timeMs, timeMs);
    for (const one of this.#first.summaries.splice(0))
      this.#second.summary(this.#decoder.decode(encodeFrame(one)));
    for (const one of this.#first.assessments.splice(0)) this.#second.assessment(one);
    this.#second.tick({ index: timeMs / 10_000, timeMs }, 0);
    this.#second.readingsTick({ index: timeMs / 10_000, timeMs });
  }

  of(node: string): string[] {
    return this.findings.flatMap((one) => (one.node === node ? [`${one.kind} ${one.status}`] : []));
  }
}

test('the silence of a decommissioned node opens nothing, that of another does', () => {
  const world = new World();
  world.run(1, HOUR_STEPS, () => 500);
  world.decommission('n1', HOUR_STEPS);
  world.run(HOUR_STEPS + 1, 2 * HOUR_STEPS, () => null);
  expect(world.of('n1')).toEqual([]);
  expect(world.of('n2')).toEqual(['blind open']);
});

test('a node that was switched off a minute before it was decommissioned opens nothing either', () => {
  const world = new World();
  world.run(1, HOUR_STEPS, () => 500);
  world.run(HOUR_STEPS + 1, HOUR_STEPS + 6, (node) => (node === 'n1' ? null : 500));
  world.decommission('n1', HOUR_STEPS + 6);
  world.run(HOUR_STEPS + 7, 2 * HOUR_STEPS, (node) => (node === 'n1' ? null : 500));
  expect(world.of('n1')).toEqual([]);
});

test('what was open closes with that as a counter-ground, and does not come again from the same windows', () => {
  const world = new World();
  world.run(1, HOUR_STEPS, (node, step) => (node === 'n1' && step > 240 ? 900 : 500));
  expect(world.of('n1')).toContain('deviation open');
  world.decommission('n1', HOUR_STEPS);
  world.run(HOUR_STEPS + 1, 2 * HOUR_STEPS, (node) => (node === 'n1' ? null : 500));
  const last = world.findings.filter(({ node }) => node === 'n1').at(-1);
  expect(last).toMatchObject({ kind: 'deviation', status: 'closed' });
  expect(last?.counterReasons.at(-1)?.text).toMatch(/took this node out of service at 2026-01-01T01:00/);
});

test('a blind node that is decommissioned is no longer open', () => {
  const world = new World();
  world.run(1, HOUR_STEPS, () => 500);
  world.run(HOUR_STEPS + 1, 2 * HOUR_STEPS, (node) => (node === 'n1' ? null : 500));
  expect(world.of('n1')).toEqual(['blind open']);
  world.decommission('n1', 2 * HOUR_STEPS);
  world.run(2 * HOUR_STEPS + 1, 2 * HOUR_STEPS + 6, (node) => (node === 'n1' ? null : 500));
  expect(world.of('n1')).toEqual(['blind open', 'blind closed']);
});

test('enrolled again, its silence counts again', () => {
  const world = new World();
  world.run(1, HOUR_STEPS, () => 500);
  world.decommission('n1', HOUR_STEPS);
  world.run(HOUR_STEPS + 1, 2 * HOUR_STEPS, (node) => (node === 'n1' ? null : 500));
  world.decommission('n1', null);
  world.run(2 * HOUR_STEPS + 1, 3 * HOUR_STEPS, () => 500);
  world.run(3 * HOUR_STEPS + 1, 4 * HOUR_STEPS, (node) => (node === 'n1' ? null : 500));
  expect(world.of('n1')).toEqual(['blind open']);
});

test('a replay of the time before finds what was found then', () => {
  const world = new World();
  world.decommission('n1', 10 * HOUR_STEPS);
  world.run(1, HOUR_STEPS, () => 500);
  world.run(HOUR_STEPS + 1, 2 * HOUR_STEPS, (node) => (node === 'n1' ? null : 500));
  expect(world.of('n1')).toEqual(['blind open']);
});
