import fc from 'fast-check';
import { cumulativeStdNormalProbability } from 'simple-statistics';
import { expect, test } from 'vitest';
import { erfc, logTwoSidedTail, logUpperTail, quantileOfLogTail, upperTail } from '#libs/stats/normal.ts';

test('the worked examples', () => {
  expect(logUpperTail(1.959963984540054)).toBeCloseTo(Math.log(0.025), 12);
  expect(logUpperTail(40)).toBeCloseTo(-804.608, 3);
  expect(logTwoSidedTail(-1.959963984540054)).toBeCloseTo(Math.log(0.05), 12);
  expect(quantileOfLogTail(Math.log(0.025))).toBeCloseTo(1.959963984540054, 12);
  expect(erfc(1)).toBeCloseTo(0.157_299_207_050_285_13, 13);
});

// By the C library: Python 3.11, math.log(math.erfc(z / math.sqrt(2)) / 2).
test.each([
  [0, -Math.LN2],
  [1, -1.841_021_645_009_264],
  [2, -3.783_184_333_682_032],
  [3, -6.607_726_221_510_349],
  [5, -15.064_998_393_988_725],
  [10, -53.231_285_150_512_47],
])('ln P(Z > %d) is %d', (z, log) => {
  expect(logUpperTail(z)).toBeCloseTo(log, 11);
});

test('agrees with simple-statistics where its table reaches', () => {
  fc.assert(
    fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (z) => {
      expect(Math.abs(upperTail(z) - (1 - cumulativeStdNormalProbability(z)))).toBeLessThan(2e-3);
    }),
  );
});

test('both tails sum to one, and it falls everywhere', () => {
  fc.assert(
    fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (z) => {
      expect(upperTail(z) + upperTail(-z)).toBeCloseTo(1, 12);
      expect(logUpperTail(z + 0.01)).toBeLessThan(logUpperTail(z));
    }),
  );
});

test('the quantile undoes the tail, however far out', () => {
  fc.assert(
    fc.property(fc.double({ min: -8, max: 1e4, noNaN: true }), (z) => {
      expect(Math.abs(quantileOfLogTail(logUpperTail(z)) - z)).toBeLessThan(1e-9 * (1 + Math.abs(z)));
    }),
  );
});

test('the ends: no mass beyond infinity, and no tail has a log above zero', () => {
  expect(logUpperTail(Number.POSITIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  expect(logUpperTail(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(quantileOfLogTail(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(quantileOfLogTail(1)).toBeNaN();
});
