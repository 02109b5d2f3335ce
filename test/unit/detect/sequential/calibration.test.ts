import { expect, test } from 'vitest';
import { SHIPPED_BUDGETS, thresholdsFor } from '#libs/detect/sequential/calibration.ts';

const budgets = [
  { budget: 1, thresholds: [4, null] },
  { budget: 10, thresholds: [3, 2] },
].map((row) => ({ ...row, basis: [], heldOut: { alerts: 0, rate: 0, low: 0, high: 0 } }));

test.each([
  [1, [4, Number.POSITIVE_INFINITY]],
  [10, [3, 2]],
  [Math.sqrt(10), [3.5, Number.POSITIVE_INFINITY]],
  // Beyond its ends the table stays.
  [0.01, [4, Number.POSITIVE_INFINITY]],
  [1000, [3, 2]],
])('a budget of %d asks for %j', (budget, expected) => {
  thresholdsFor(budget, { budgets }).forEach((threshold, memory) => {
    if (expected[memory] === Number.POSITIVE_INFINITY) expect(threshold).toBe(expected[memory]);
    else expect(threshold).toBeCloseTo(expected[memory] ?? 0, 10);
  });
});

test('a larger budget never asks for more, in the shipped table', () => {
  const rows = SHIPPED_BUDGETS.budgets.map(({ budget }) => thresholdsFor(budget));
  rows.slice(1).forEach((row, index) => {
    row.forEach((threshold, memory) => {
      expect(threshold).toBeLessThanOrEqual(rows[index]?.[memory] ?? 0);
    });
  });
  expect(rows.length).toBeGreaterThan(4);
});
