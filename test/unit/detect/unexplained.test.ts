import { expect, test } from 'vitest';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import { minute } from './hall.ts';
import { declaration, register, sha256 } from './world.ts';

const DECLARED = register(['n1'], [declaration(['n1'], [])]);
const HOURS = PARAMETERS.unexplainedWindows;

/** What is declared is B2. */
const UNLIKE = { B3: 0.8, B2: 0.1, B13: 0.1 };
const UNKNOWN = { B2: 0.15, B13: 0.85 };
const LIKE = { B2: 0.6, B3: 0.4 };
const UNMEASURED = { B13: 1 };

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

function findingsOf(minutes: number, part: (at: number) => Partial<Assessment>): Finding[] {
  const findings: Finding[] = [];
  const stage = new SiteStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => DECLARED,
    publish: (finding) => findings.push(finding),
  });
  for (let at = 1; at <= minutes; at++) stage.assessment(assessment(at, part(at)));
  return findings;
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind, status }) => `${kind} ${status}`);

test('what fits nothing declared for three hours is told, for information', () => {
  expect(findingsOf(HOURS - 1, () => ({}))).toEqual([]);
  const [found, ...more] = findingsOf(3 * HOURS, () => ({}));
  expect(more).toEqual([]);
  expect(found).toMatchObject({ kind: 'unexplained', severity: 'info', grade: 'C', openedMs: minute(1) });
  expect(found?.reasons[0]?.text).toMatch(
    /for 3\.0 h .* its probability is 0\.10, .*: other declared compute/,
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
  expect(findingsOf(2 * HOURS, () => ({ behaviours: UNMEASURED }))).toEqual([]);
  expect(findingsOf(2 * HOURS, () => ({ behaviours: LIKE }))).toEqual([]);
  expect(findingsOf(2 * HOURS, () => ({ conformity: 'conforms' }))).toEqual([]);
  const undeclared = findingsOf(2 * HOURS, () => ({ declaration: null, conformity: 'undeclared' }));
  expect(undeclared).toEqual([]);
});

test('a window that is heard again counts once', () => {
  const findings: Finding[] = [];
  const stage = new SiteStage({
    parameters: PARAMETERS,
    hash: sha256,
    register: () => DECLARED,
    publish: (finding) => findings.push(finding),
  });
  for (let at = 1; at < HOURS; at++)
    for (const revision of [`a${at}`, `b${at}`]) stage.assessment(assessment(at, { revision }));
  expect(findings).toEqual([]);
});
