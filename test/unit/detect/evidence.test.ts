import { expect, test } from 'vitest';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { type Example, fitEvidence } from '#libs/detect/evidence/fit.ts';
import { binOf } from '#libs/detect/evidence/model.ts';
import { oddsOfNode } from '#libs/detect/evidence/node-evidence.ts';
import { Scorer } from '#libs/detect/evidence/score.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import { simulate } from '#services/cli/commands/train.ts';

const NAMES = FEATURES.map(({ name }) => name);
const values = (known: Readonly<Record<string, number>>) =>
  Float64Array.from(NAMES, (name) => known[name] ?? Number.NaN);
const scorer = new Scorer(SHIPPED_MODEL, PARAMETERS);
const score = (known: Readonly<Record<string, number>>) => scorer.score(scorer.bins(values(known)));

const HASH = {
  'gpu-utilization': 1,
  sm: 0.95,
  'sm-variation': 0.004,
  'gpu-power-variation': 0.003,
  'tensor-per-sm': 0,
  'tensor-per-dram': 0,
  'dram-per-sm': 1,
  pcie: 5.5,
  nvlink: 5,
};
const TRAINING = {
  ...HASH,
  'sm-variation': 0.06,
  'gpu-power-variation': 0.04,
  'tensor-per-sm': 0.45,
  'tensor-per-dram': 0.9,
  'dram-per-sm': 0.5,
  pcie: 8.2,
  nvlink: 10.3,
};

test('a value lies in the bin that begins at the edge below it, and an absent one in none', () => {
  expect([-1, 0.1, 0.2, 5, Number.NaN].map((value) => binOf([0.1, 0.2], value))).toEqual([0, 1, 2, 2, -1]);
});

test('probabilities of behaviours sum to 1, whatever is readable', () => {
  for (const known of [HASH, TRAINING, {}, { sm: 0.5 }]) {
    const sum = Object.values(score(known).behaviours).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 12);
  }
});

test('full multiprocessors without tensor work on quiet links speak for hashing, with busy links and tensors for training', () => {
  expect(mostLikely(score(HASH).behaviours)).toBe('B4');
  expect(score(HASH).logOdds).toBeGreaterThan(PARAMETERS.flagLogOdds);
  expect(mostLikely(score(TRAINING).behaviours)).toBe('B1');
  expect(score(TRAINING).logOdds).toBeLessThan(-PARAMETERS.flagLogOdds);
});

test('a missing feature adds nothing, and no feature more than the cap', () => {
  const limit = PARAMETERS.termCap * PARAMETERS.termDiscount;
  SHIPPED_MODEL.families.forEach((_, family) => {
    FEATURES.forEach((__, feature) => {
      expect(scorer.term(family, feature, -1)).toBe(0);
      const bins = (SHIPPED_MODEL.features[feature]?.edges.length ?? 0) + 1;
      for (let bin = 0; bin < bins; bin++)
        expect(Math.abs(scorer.term(family, feature, bin))).toBeLessThanOrEqual(limit + 1e-9);
    });
  });
});

test('with one sensor less the evidence stays on its side', () => {
  for (const known of [HASH, TRAINING]) {
    const whole = score(known);
    for (const name of Object.keys(known)) {
      const less = score({ ...known, [name]: Number.NaN });
      expect(Math.sign(less.logOdds)).toBe(Math.sign(whole.logOdds));
    }
  }
});

test('what is on the declaration is not rare', () => {
  const bins = scorer.bins(values(HASH));
  expect(scorer.score(bins, new Set(['B4'])).logOdds).toBeLessThan(scorer.score(bins).logOdds);
});

test('what fits no family is unknown', () => {
  const odd = {
    ...HASH,
    sm: 0.02,
    'gpu-utilization': 0.02,
    'sm-variation': 3,
    'tensor-per-sm': 1.5,
    'dram-per-sm': 1.5,
    'tensor-per-dram': 0.007,
    nvlink: 10.9,
    pcie: 5.4,
  };
  expect(mostLikely(score(odd).behaviours)).toBe('B13');
});

test('one GPU in eight and all eight both show, one less loudly', () => {
  expect(oddsOfNode([3, 3, 3, 3], 4)).toBeCloseTo(3, 12);
  expect(oddsOfNode([-9, -9, 3, -9], 4)).toBeCloseTo(3 - Math.log(4), 12);
  // GPUs without counters count as others.
  expect(oddsOfNode([3], 8)).toBeCloseTo(3 - Math.log(8), 12);
});

test('a fit smooths: what was never seen is unlikely, not impossible, and densities sum to 1', () => {
  const examples = Array.from(
    { length: 50 },
    (): Example => ({ family: 'one', behaviour: 'B1', values: values({ sm: 0.6 }) }),
  );
  const { families } = fitEvidence(examples);
  const density = families[0]?.bins[NAMES.indexOf('sm')] ?? [];
  expect(density.every((probability) => probability > 0)).toBe(true);
  expect(density.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 2);
  expect(Math.max(...density)).toBe(density[binOf(SHIPPED_MODEL.features[3]?.edges ?? [], 0.6)]);
  expect(families[0]?.bins[NAMES.indexOf('pcie')]).toBeNull();
});

test('a family that never had a feature is surprised by a value of it', () => {
  const idle = SHIPPED_MODEL.families.findIndex(({ name }) => name === 'idle-bare');
  expect(scorer.term(idle, NAMES.indexOf('tensor-per-sm'), 3)).toBeLessThan(-1);
});

test('the shipped model is what its command makes, and says that it is synthetic', () => {
  expect(SHIPPED_MODEL.made).toMatchObject({
    command: 'davylamp train --runs 120 --seed 1',
    data: 'synthetic',
  });
  const examples = simulate(120, 1, []);
  expect(examples).toHaveLength(SHIPPED_MODEL.made.windows);
  const { features, families } = fitEvidence(examples);
  expect({ features, families }).toEqual({
    features: SHIPPED_MODEL.features,
    families: SHIPPED_MODEL.families,
  });
}, 120_000);

test('no feature looks at the machine, the sampling or at what is missing', () => {
  const metrics = FEATURES.map(({ metric }) => metric);
  for (const told of [
    'gpu_power_watts_mean',
    'gpu_memory_used_bytes',
    'gpu_temperature_celsius',
    'gpu_sm_clock_hertz',
  ])
    expect(metrics).not.toContain(told);
  // Power is read as its variation alone: watts would name the card.
  expect(FEATURES.filter(({ metric }) => metric === 'gpu_power_watts').map(({ name }) => name)).toEqual([
    'gpu-power-variation',
  ]);
});
