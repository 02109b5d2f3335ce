import fc from 'fast-check';
import { quantile } from 'simple-statistics';
import { expect, test } from 'vitest';
import { observeQuantile, QUANTILE, quantileOf } from '#libs/stats/quantile-marker.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';

function estimate(values: readonly number[], p: number): number {
  const data = new Float64Array(QUANTILE);
  for (const value of values) observeQuantile(data, 0, p, value);
  return quantileOf(data, 0, p);
}

test('the worked example of the paper: the median of its twenty values', () => {
  const values = [
    0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92, 34.6, 10.28, 1.47, 0.4, 0.05, 11.39,
    0.27, 0.42, 0.09, 11.37,
  ];
  expect(estimate(values, 0.5)).toBeCloseTo(4.44, 2);
});

test.each([0.05, 0.5, 0.9, 0.99])('the %d quantile of normal values is near the exact one', (p) => {
  const random = seeded(3);
  const values = Array.from({ length: 5000 }, () => normal(random));
  expect(Math.abs(estimate(values, p) - quantile(values, p))).toBeLessThan(0.1);
});

test('lies within the values, and is one of them up to five', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 }), (values) => {
      const found = estimate(values, 0.7);
      if (values.length <= 5) expect(values).toContain(found);
      expect(found).toBeGreaterThanOrEqual(Math.min(...values));
      expect(found).toBeLessThanOrEqual(Math.max(...values));
    }),
  );
});

test('no value, no quantile', () => {
  expect(estimate([], 0.5)).toBeNaN();
});
