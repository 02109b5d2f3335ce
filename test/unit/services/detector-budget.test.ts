import { expect, test } from 'vitest';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { SHIPPED_BUDGETS } from '#libs/detect/sequential/calibration.ts';
import { EVIDENCE_CAP } from '#libs/detect/sequential/statistic.ts';
import { intraclass } from '#services/cli/evaluate/budget/correlation.ts';
import { honestWeeks } from '#services/cli/evaluate/budget/node-weeks.ts';
import { LEVELS } from '#services/cli/evaluate/budget/simulated-runs.ts';
import { HonestWeeks, isAbove, levelFor, rateOf, rowFor } from '#services/cli/evaluate/budget/thresholds.ts';
import { scorerOf } from '#services/cli/evaluate/traces/scores.ts';
import { fingerprint, SAMPLE, SEEDS, sampleOf } from '#services/detector-budget.ts';
import { seeded } from '#test/unit/detect/world.ts';

const quietly = () => undefined;
const scorer = scorerOf(SHIPPED_MODEL);

test('the committed thresholds are of this model, these parameters and this simulator', {
  timeout: 60_000,
}, () => {
  expect(SHIPPED_BUDGETS.fingerprint).toBe(fingerprint());
  expect(sampleOf(honestWeeks(SAMPLE, SEEDS.weeks, scorer, quietly))).toEqual(SHIPPED_BUDGETS.sample);
});

test('honest node-weeks of other seeds raise as many alerts as the table states', { timeout: 60_000 }, () => {
  const WEEKS = 150;
  const maxima = honestWeeks(WEEKS, 31_000_000, scorer, quietly);
  for (const { thresholds, heldOut } of SHIPPED_BUDGETS.budgets) {
    const found = LEVELS.map((level) =>
      rateOf(maxima[level].filter((one) => isAbove(one, thresholds)).length, WEEKS),
    );
    // Both intervals hold the true rate in 95 of 100 cases: they overlap; that of the quieter level may lie below.
    for (const { low } of found) expect(low).toBeLessThanOrEqual(heldOut.high);
    expect(Math.max(...found.map(({ high }) => high))).toBeGreaterThanOrEqual(heldOut.low);
  }
});

test('at every budget the held-out rate is compatible with it, or below', () => {
  for (const { budget, heldOut } of SHIPPED_BUDGETS.budgets) expect(heldOut.low).toBeLessThanOrEqual(budget);
});

test('levels are counted where enough came so high, and drawn out where not', () => {
  const random = seeded(1);
  const falling = Array.from({ length: 10_000 }, () => -Math.log(1 - random())).sort((a, b) => b - a);
  const counted = levelFor(falling, 100);
  expect(counted.basis).toBe('counted');
  expect(falling.filter((one) => one > counted.level)).toHaveLength(100);
  // Of an exponential the drawn-out tail is the true one.
  const rare = levelFor(falling, 0.1);
  expect(rare.basis).toBe('extrapolated');
  expect(Math.abs(rare.level - Math.log(1e5))).toBeLessThan(2);
});

test('thresholds cost the budget on the weeks they come from, however the sums go together', () => {
  const random = seeded(2);
  const weeks = Array.from({ length: 5_000 }, () => {
    const shared = random();
    return [shared + random(), shared + random(), random()].map((sum) => 3.5 * sum);
  });
  const honest = new HonestWeeks(weeks);
  for (const budget of [30, 60, 100]) {
    const { thresholds, basis } = rowFor(budget, [honest], [weeks]);
    expect(basis).toEqual(['counted', 'counted', 'counted']);
    const rate = (1000 * weeks.filter((one) => isAbove(one, thresholds)).length) / weeks.length;
    expect(rate).toBeLessThanOrEqual(budget);
    expect(rate).toBeGreaterThan(0.9 * 1000 * (1 - Math.exp(-budget / 1000)));
  }
});

test('a memory in which honest nodes come as high as it goes never speaks', () => {
  const weeks = Array.from({ length: 1_000 }, (_, index) => [0, 0, index % 10 === 0 ? EVIDENCE_CAP : 1]);
  expect(rowFor(1, [new HonestWeeks(weeks)], [weeks]).thresholds[2]).toBeNull();
});

test('windows that are all alike within a run correlate fully, random ones hardly', () => {
  expect(
    intraclass([
      [1, 1],
      [5, 5],
      [9, 9],
    ]),
  ).toBe(1);
  const random = seeded(3);
  const noise = Array.from({ length: 400 }, () => [random(), random(), random()]);
  expect(Math.abs(intraclass(noise))).toBeLessThan(0.1);
});
