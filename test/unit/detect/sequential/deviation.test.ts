import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { thresholdsFor } from '#libs/detect/sequential/calibration.ts';
import { EVIDENCE_CAP, gather, noEvidence } from '#libs/detect/sequential/statistic.ts';
import { SiteStage, type SiteStageState } from '#libs/detect/site-stage.ts';
import type { Assessment, Ground } from '#libs/model/assessment.ts';
import type { Finding } from '#libs/model/finding.ts';
import { register, START_MS, seeded, sha256 } from '../world.ts';

const PRIOR = Math.log(PARAMETERS.rarePrior / (1 - PARAMETERS.rarePrior));
const BEHAVIOUR: Ground = {
  rule: 'behaviour',
  metric: 'gpu_tensor_active_ratio',
  weight: 2,
  observed: 0.9,
  expected: null,
  text: 'tensor activity of gpu0 was high',
};

/** What stage 1 says of a window whose counters say so many nats beyond the odds before looking. */
function assessment(
  window: number,
  evidence: number | null,
  { node = 'n1', declaration = 'd1@1' as string | null } = {},
): Assessment {
  const logOdds = evidence === null ? null : evidence + PRIOR;
  const isFlagged = logOdds !== null && logOdds >= PARAMETERS.flagLogOdds;
  return {
    node,
    site: 's1',
    tenant: 't1',
    windowStartMs: START_MS + (window - 1) * 60_000,
    windowEndMs: START_MS + window * 60_000,
    revision: `${node} ${window} ${evidence}`,
    detector: 'test',
    declaration,
    behaviours: { B13: 1 },
    logOdds,
    conformity: isFlagged ? 'deviates' : 'cannot tell',
    grade: 'C',
    heartbeat: 'present',
    coverageRatio: 1,
    reasons: isFlagged ? [BEHAVIOUR] : [],
    counterReasons: [],
    onset: null,
    unseen: [],
  };
}

class World {
  readonly findings: Finding[] = [];
  stage: SiteStage;
  readonly #parameters: DetectParameters;

  constructor(budget = 1) {
    this.#parameters = { ...PARAMETERS, falseAlarmBudget: budget };
    this.stage = this.#made();
  }

  #made(): SiteStage {
    return new SiteStage({
      parameters: this.#parameters,
      hash: sha256,
      register: () => register(['n1']),
      publish: (finding) => this.findings.push(finding),
    });
  }

  run(from: number, values: readonly (number | null)[], of: Parameters<typeof assessment>[2] = {}): void {
    values.forEach((value, index) => {
      this.stage.assessment(assessment(from + index, value, of));
    });
  }

  restart(): void {
    const state = JSON.parse(JSON.stringify(this.stage.dump())) as SiteStageState;
    this.stage = this.#made();
    this.stage.restore(state);
  }

  /** Windows at which something was told. */
  get story(): string[] {
    return this.findings.map(({ status, severity, updatedMs }) => {
      return `${(updatedMs - START_MS) / 60_000} ${status} ${severity}`;
    });
  }
}

const steady = (value: number | null, windows: number) => new Array<number | null>(windows).fill(value);
const ORDINARY = -5;
const LOUD = EVIDENCE_CAP;
/** Loud windows in a row until it is found, at a budget of 1. */
const NEEDED = (() => {
  const sums = noEvidence();
  for (let windows = 1; windows < 100; windows++) {
    gather(sums, LOUD);
    if (sums.some((sum, memory) => sum >= (thresholdsFor(1)[memory] ?? 0))) return windows;
  }
  return 0;
})();
/** Below the level at which a window is flagged, and above that which a day of it takes at this budget. */
const BUDGET = 10;
const FLAGGED = PARAMETERS.flagLogOdds - PRIOR;
const MODERATE = Math.min(FLAGGED - 0.05, 1.3 * (thresholdsFor(BUDGET)[2] ?? 0));

test('a node that is loud is found after a few windows, told with its sum, threshold and budget', () => {
  expect(NEEDED).toBeGreaterThanOrEqual(3);
  expect(NEEDED).toBeLessThanOrEqual(6);
  const world = new World();
  world.run(1, [...steady(ORDINARY, 20), ...steady(LOUD, NEEDED - 1)]);
  expect(world.story).toEqual([]);
  world.run(20 + NEEDED, [LOUD]);
  expect(world.story).toHaveLength(1);
  const [finding] = world.findings;
  expect(finding).toMatchObject({ kind: 'deviation', openedMs: START_MS + 21 * 60_000 });
  expect(finding?.assessments).toHaveLength(NEEDED);
  const ground = finding?.reasons.find(({ rule }) => rule === 'sequential');
  expect(ground?.expected).toBeCloseTo(thresholdsFor(1)[0] ?? 0, 2);
  expect(ground?.observed).toBeGreaterThanOrEqual(ground?.expected ?? 0);
  expect(ground?.text).toContain('for 1 false alerts per 1,000 nodes and week');
  expect(finding?.counterReasons.length).toBeGreaterThan(0);
});

test('one loud window is not enough, nor one an hour for a week', () => {
  const world = new World(100);
  world.run(
    1,
    Array.from({ length: 10_000 }, (_, window) => (window % 60 === 30 ? LOUD : ORDINARY)),
  );
  expect(world.findings).toEqual([]);
});

test('a node that stays moderately odd for hours is found though no window was flagged', () => {
  const world = new World(BUDGET);
  const windows = 3 * 24 * 60;
  world.run(1, [...steady(ORDINARY, 20), ...steady(MODERATE, windows)]);
  expect(world.story).toHaveLength(1);
  expect(world.findings[0]?.reasons.map(({ rule }) => rule)).toEqual(['sequential']);
  expect(world.findings[0]?.severity).toBe('low');
});

test('a smaller budget asks for more', () => {
  const late = (budget: number) => {
    const world = new World(budget);
    world.run(1, [...steady(ORDINARY, 20), ...steady(FLAGGED + 1, 2_000)]);
    return world.findings[0]?.updatedMs ?? Number.POSITIVE_INFINITY;
  };
  expect(late(10)).toBeLessThan(late(0.1));
});

test('it closes after five windows without, and the test begins anew', () => {
  const world = new World();
  world.run(1, [...steady(ORDINARY, 20), ...steady(LOUD, 30), ...steady(ORDINARY, 5)]);
  expect(world.story.at(-1)).toMatch(/^55 closed/);
  world.run(56, steady(LOUD, NEEDED - 1));
  expect(world.story.at(-1)).toMatch(/^55 closed/);
  world.run(55 + NEEDED, [LOUD]);
  expect(world.story.at(-1)).toMatch(new RegExp(`^${55 + NEEDED} open`));
  expect(new Set(world.findings.map(({ id }) => id)).size).toBe(2);
});

test('a finding of a node that falls idle closes too, once no window that is remembered spoke', () => {
  const world = new World();
  world.run(1, [...steady(LOUD, 8), ...steady(null, 15)]);
  expect(world.story.at(-1)).toMatch(/open/);
  world.run(24, [null]);
  expect(world.story.at(-1)).toMatch(/^24 closed/);
});

test('work of a minute in ten, idle otherwise, is one finding that stays open', () => {
  const world = new World();
  world.run(
    1,
    Array.from({ length: 600 }, (_, window) => (window % 10 === 0 ? LOUD : null)),
  );
  expect(world.story).toHaveLength(1);
});

test('windows without evidence, and windows that never came, do not help whoever pauses', () => {
  const world = new World();
  world.run(1, [...steady(ORDINARY, 10), LOUD, null, null]);
  world.run(40, [...steady(LOUD, NEEDED - 2), null, LOUD]);
  expect(world.story).toHaveLength(1);
});

test('evidence against one declaration is none against the next', () => {
  const world = new World();
  world.run(1, [...steady(ORDINARY, 10), ...steady(LOUD, NEEDED - 1)]);
  world.run(10 + NEEDED, steady(LOUD, NEEDED - 1), { declaration: 'd1@2' });
  expect(world.findings).toEqual([]);
  world.run(9 + 2 * NEEDED, [LOUD], { declaration: 'd1@2' });
  expect(world.story).toHaveLength(1);
});

test('without a declaration it is for information alone', () => {
  const world = new World();
  world.run(1, [...steady(ORDINARY, 10), ...steady(LOUD, NEEDED + 2)], { declaration: null });
  expect(world.story).toEqual([`${10 + NEEDED} open info`]);
});

test('in an outbreak every node is found, whatever the budget', () => {
  const world = new World(0.1);
  const nodes = Array.from({ length: 400 }, (_, index) => `n${index}`);
  for (const node of nodes) world.run(1, [...steady(ORDINARY, 4), ...steady(LOUD, 120)], { node });
  expect(new Set(world.findings.map(({ node }) => node)).size).toBe(nodes.length);
});

test('the order in which late windows come does not change what is found', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = seeded(seed);
      const values = Array.from({ length: 14 }, () => 9 * random() - 3);
      const shuffled = values.map((value, index) => [index + 5, value] as const).sort(() => random() - 0.5);
      const inOrder = new World();
      const late = new World();
      for (const world of [inOrder, late]) world.run(1, steady(ORDINARY, 4));
      inOrder.run(5, values);
      for (const [window, value] of shuffled) late.stage.assessment(assessment(window, value));
      const sumsAfter = (world: World) => {
        world.run(19, steady(ORDINARY, 17));
        return world.stage.dump().nodes[0]?.gathered.sums;
      };
      // Where nothing was opened and closed on the way, both stand alike.
      if (inOrder.findings.length + late.findings.length === 0)
        expect(sumsAfter(late)).toEqual(sumsAfter(inOrder));
    }),
    { numRuns: 50 },
  );
});

test('what is said twice counts once, also through checkpoints', () => {
  const random = seeded(5);
  const values = Array.from({ length: 400 }, (_, window) => (window > 200 ? 1 : -1) * 3 + 4 * random() - 2);
  const once = new World(BUDGET);
  once.run(1, values);
  const twice = new World(BUDGET);
  values.forEach((_, index) => {
    for (let window = Math.max(1, index - 3); window <= index + 1; window++)
      twice.run(window, [values[window - 1] ?? null]);
    if (index % 7 === 0) twice.restart();
  });
  expect(twice.findings).toEqual(once.findings);
  expect(once.findings.length).toBeGreaterThan(0);
  expect(twice.stage.dump().nodes[0]?.gathered).toEqual(once.stage.dump().nodes[0]?.gathered);
});
