import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { Scorer } from '#libs/detect/evidence/score.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { fingerprintOf } from '#libs/detect/explained/calibration.ts';
import { explain } from '#libs/detect/explained/explain.ts';
import { PARAMETER_MEANINGS, PARTS } from '#libs/detect/explained/meanings.ts';
import { chapters } from '#libs/detect/explained/words.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';

const explanation = explain(SHIPPED_MODEL, PARAMETERS);

test('every parameter but the version has a meaning, and nothing else has', () => {
  const { version: _, ...parameters } = PARAMETERS;
  expect([...PARAMETER_MEANINGS.keys()].sort()).toEqual(Object.keys(parameters).sort());
  for (const [key, { part, unit, meaning, source }] of PARAMETER_MEANINGS) {
    expect(Object.keys(PARTS), key).toContain(part);
    for (const text of [unit, meaning, source]) expect(text.length, key).toBeGreaterThan(0);
  }
  for (const { name, value } of explanation.parameters)
    expect(value, name).toBe(PARAMETERS[name as keyof typeof parameters]);
});

test('the terms shown are those that the detector adds up', () => {
  const scorer = new Scorer(SHIPPED_MODEL, PARAMETERS);
  const [feature, bin] = [explanation.features.findIndex(({ name }) => name === 'tensor-per-sm'), 9];
  const family = explanation.families.findIndex(({ name }) => name === 'matmul-pow');
  const shown = explanation.families[family];
  const probability = shown?.bins[feature]?.[bin] ?? 0;
  const bins = (explanation.features[feature]?.edges.length ?? 0) + 1;
  expect(shown?.terms[feature]?.[bin]).toBeCloseTo(PARAMETERS.termDiscount * Math.log(probability * bins), 2);
  expect(shown?.terms[feature]?.[bin]).toBeCloseTo(scorer.term(family, feature, bin), 3);
});

test('every feature of every family has a term for each bin, also where no window had it', () => {
  expect(explanation.features.map(({ name }) => name)).toEqual(FEATURES.map(({ name }) => name));
  const missing = explanation.families.flatMap(({ bins }) => bins.filter((one) => one === null));
  expect(missing.length).toBeGreaterThan(0);
  for (const { terms } of explanation.families)
    for (const [index, own] of terms.entries())
      expect(own).toHaveLength((explanation.features[index]?.edges.length ?? 0) + 1);
});

test('a family counts as undeclared, ordinary or unknown by its behaviour', () => {
  const sides = new Map(explanation.families.map(({ behaviour, side }) => [behaviour, side]));
  expect(Object.fromEntries(sides)).toMatchObject({ B1: 'ordinary', B5: 'undeclared', B13: 'unknown' });
});

test('the words take their numbers from the parameters', () => {
  const text = (parameters: typeof PARAMETERS) => JSON.stringify(chapters(parameters));
  expect(text(PARAMETERS)).toContain('3 of the last 4');
  expect(text({ ...PARAMETERS, openWindows: 17 })).toContain('17 of the last 4');
});

test('the fingerprint of a calibration changes with what probabilities depend on, and with nothing else', () => {
  const hash = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');
  const printed = (parameters: typeof PARAMETERS) => fingerprintOf(SHIPPED_MODEL, parameters, hash);
  expect(printed({ ...PARAMETERS, rarePrior: 0.06 })).not.toBe(printed(PARAMETERS));
  expect(printed({ ...PARAMETERS, openWindows: 9 })).toBe(printed(PARAMETERS));
});
