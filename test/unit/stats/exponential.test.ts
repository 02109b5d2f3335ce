import fc from 'fast-check';
import { mean, variance } from 'simple-statistics';
import { expect, test } from 'vitest';
import { EXPONENTIAL, spread, weigh, weighRobustly } from '#libs/stats/exponential.ts';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });

test('the worked example: 2, 4, 8 with a weight of one half', () => {
  const data = new Float64Array(EXPONENTIAL);
  for (const v of [2, 4, 8]) weigh(data, 0, v, 0.5);
  expect([...data]).toEqual([5.5, 6.75, 3]);
});

test('while a plain mean is heavier, it has the mean and variance of all values', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
      const data = new Float64Array(EXPONENTIAL);
      for (const v of values) weigh(data, 0, v, 1 / 1000);
      expect(Math.abs((data[0] ?? 0) - mean(values))).toBeLessThan(1e-6);
      expect(Math.abs((data[1] ?? 0) - variance(values))).toBeLessThan(1e-9 * (1 + variance(values)) + 1e-3);
    }),
  );
});

test('an outlier counts as one at the bound', () => {
  const data = Float64Array.of(0, 1, 100);
  weighRobustly(data, 0, 1000, 0.01, 3, 0, 50);
  expect(data[0]).toBeCloseTo(0.03, 12);
  expect(spread(data, 0, 0)).toBeLessThan(1.1);
});

test('young moments take every value as it is', () => {
  const [robust, plain] = [new Float64Array(EXPONENTIAL), new Float64Array(EXPONENTIAL)];
  for (const v of [1, 2, 900]) {
    weighRobustly(robust, 0, v, 0.01, 3, 0, 50);
    weigh(plain, 0, v, 0.01);
  }
  expect(robust).toEqual(plain);
});

test('a spread below the smallest believed one is not', () => {
  expect(spread(Float64Array.of(5, 0, 10), 0, 0.2)).toBeCloseTo(0.2, 12);
});
