import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { Finding } from '#libs/model/finding.ts';
import { minute } from './hall.ts';
import { declaration, frame, register, row, sha256 } from './world.ts';

const DECLARED = register(['n1'], [declaration(['n1'], [])]);
const HOURS = PARAMETERS.unexplainedWindows;

/** What is declared is B2. */
const UNLIKE = { B3: 0.85, B2: 0.05, B13: 0.1 };
const UNKNOWN = { B2: 0.05, B13: 0.95 };
const LIKE = { B2: 0.6, B3: 0.4 };
/** Profiling counters of GPUs that work, and of GPUs that wait; without such counters. */
const WORKING = { gpu_sm_active_ratio: 0.7 };
const WAITING = { gpu_sm_active_ratio: 0 };
const UNSEEN = { gpu_utilization_ratio: 0.9 };

function assessment(at: number, part: Partial<Assessment> = {}): Assessment {
  return {
    node: 'n1',
    site: 's1',
    tenant: 't1',
    windowStartMs: minute(at - 1),
    windowEndMs: minute(at),
    revision: `r${at}`,
    detector: 'test',
    declaration: 'd1@1',
    behaviours: UNLIKE,
    conformity: 'cannot tell',
    grade: 'C',
    heartbeat: 'present',
    coverageRatio: 1,
    reasons: [],
    counterReasons: [],
    onset: null,
    unseen: [],
    ...part,
  };
}

/** Stage 2 alone, with what it found. */
class World {
  readonly findings: Finding[] = [];
  readonly #decoder = new FrameDecoder();
  readonly #stage = new SiteStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => DECLARED,
    publish: (finding) => this.findings.push(finding),
  });

  hear(one: Assessment, gpu: Readonly<Record<string, number>>): void {
    const summary = frame({ sequence: 1, endMs: one.windowEndMs, entities: [row('gpu', 0, gpu)] });
    this.#stage.summary(this.#decoder.decode(encodeFrame(summary)));
    this.#stage.assessment(one);
  }
}

function findingsOf(
  minutes: number,
  part: (at: number) => Partial<Assessment>,
  gpu: Readonly<Record<string, number>> = WORKING,
): Finding[] {
  const world = new World();
  for (let at = 1; at <= minutes; at++) world.hear(assessment(at, part(at)), gpu);
  return world.findings;
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind, status }) => `${kind} ${status}`);

test('what fits nothing declared for three hours is told, for information', () => {
  expect(findingsOf(HOURS - 1, () => ({}))).toEqual([]);
  const [found, ...more] = findingsOf(3 * HOURS, () => ({}));
  expect(more).toEqual([]);
  expect(found).toMatchObject({ kind: 'unexplained', severity: 'info', grade: 'C', openedMs: minute(1) });
  expect(found?.reasons[0]?.text).toMatch(
    /for 3\.0 h .* its probability is 0\.05, .*: other declared compute/,
  );
  expect(kinds(findingsOf(HOURS, () => ({ behaviours: UNKNOWN })))).toEqual(['unexplained open']);
});

test('one window in five that fits keeps it from being told', () => {
  const part = (at: number) => (at % 5 === 0 ? { behaviours: LIKE } : {});
  expect(findingsOf(10 * HOURS, part)).toEqual([]);
  expect(kinds(findingsOf(10 * HOURS, (at) => (at % 10 === 0 ? { behaviours: LIKE } : {})))).toEqual([
    'unexplained open',
  ]);
});

test('it ends when what is declared is likely again', () => {
  const part = (at: number): Partial<Assessment> =>
    at > HOURS + 30 ? { behaviours: LIKE, conformity: 'conforms' } : {};
  expect(kinds(findingsOf(2 * HOURS, part))).toEqual(['unexplained open', 'unexplained closed']);
});

test('missing sensors, no declaration and deviations are told otherwise', () => {
  expect(findingsOf(2 * HOURS, () => ({}), UNSEEN)).toEqual([]);
  expect(findingsOf(2 * HOURS, () => ({ behaviours: LIKE }))).toEqual([]);
  expect(findingsOf(2 * HOURS, () => ({ conformity: 'conforms' }))).toEqual([]);
  const undeclared = findingsOf(2 * HOURS, () => ({ declaration: null, conformity: 'undeclared' }));
  expect(undeclared).toEqual([]);
});

test('a host that works while its GPUs wait is no other use of them', () => {
  expect(findingsOf(2 * HOURS, () => ({ behaviours: UNKNOWN }), WAITING)).toEqual([]);
});

test('a window that is heard again counts once', () => {
  const world = new World();
  for (let at = 1; at < HOURS; at++)
    for (const revision of [`a${at}`, `b${at}`]) world.hear(assessment(at, { revision }), WORKING);
  expect(world.findings).toEqual([]);
});
