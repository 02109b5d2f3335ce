import fc from 'fast-check';
import { sampleCorrelation } from 'simple-statistics';
import { expect, test } from 'vitest';
import { autocorrelation, effectiveCount } from '#libs/stats/autocorrelation.ts';
import { averagePrecision } from '#libs/stats/average-precision.ts';
import { bootstrapInterval } from '#libs/stats/bootstrap.ts';
import { fisherTail, harmonicTail } from '#libs/stats/combine-tails.ts';
import { calibrated, isotonicInPlace } from '#libs/stats/isotonic.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';

function isotonic(values: readonly number[]): number[] {
  const fitted = Float64Array.from(values);
  isotonicInPlace(fitted, new Float64Array(values.length).fill(1));
  return [...fitted];
}

test('the worked examples of the isotonic fit', () => {
  expect(isotonic([0, 1, 0, 1])).toEqual([0, 0.5, 0.5, 1]);
  expect(calibrated(Float64Array.of(1, 3), Float64Array.of(0, 1), 2)).toBe(0.5);
});

test('the isotonic fit never falls, keeps the mean, and is no further off than any constant', () => {
  const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(values, (raw) => {
      const fitted = isotonic(raw);
      const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0);
      const off = (to: readonly number[]) => sum(raw.map((v, i) => (v - (to[i] ?? 0)) ** 2));
      for (let i = 1; i < raw.length; i++) expect(fitted[i]).toBeGreaterThanOrEqual(fitted[i - 1] ?? 0);
      expect(sum(fitted)).toBeCloseTo(sum(raw), 9);
      expect(off(fitted)).toBeLessThanOrEqual(off(raw.map(() => sum(raw) / raw.length)) + 1e-12);
    }),
  );
});

test('outside of the scores it was fitted at, the calibration is constant', () => {
  const [scores, values] = [Float64Array.of(1, 2, 3), Float64Array.of(0.1, 0.2, 0.7)];
  expect([0, 1, 9].map((score) => calibrated(scores, values, score))).toEqual([0.1, 0.1, 0.7]);
});

test('the worked example of the autocorrelation', () => {
  expect(autocorrelation(Float64Array.of(1, 2, 3, 4), 4, 1)).toBeCloseTo(0.25, 12);
  expect(autocorrelation(Float64Array.of(2, 2, 2), 3, 1)).toBeNaN();
  expect(effectiveCount(100, 0.5)).toBeCloseTo(33.333, 3);
});

test('the autocorrelation of a long series is the correlation of its shifted copies', () => {
  const random = seeded(4);
  const values = new Float64Array(4000);
  for (let i = 1; i < values.length; i++) values[i] = 0.7 * (values[i - 1] ?? 0) + normal(random);
  const shifted = sampleCorrelation([...values.subarray(0, -1)], [...values.subarray(1)]);
  expect(Math.abs(autocorrelation(values, values.length, 1) - shifted)).toBeLessThan(2e-3);
});

test('the worked examples of combined tails', () => {
  expect(harmonicTail([Math.log(0.01), Math.log(0.04)])).toBeCloseTo(Math.log(0.016), 12);
  expect(fisherTail([Math.log(0.1), Math.log(0.1)])).toBeCloseTo(Math.log(0.01 * (1 + Math.log(100))), 12);
});

test('combining one tail changes nothing; equal dependent tails stay what they are', () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: -1e-6, noNaN: true }), (log) => {
      expect(fisherTail([log])).toBeCloseTo(log, 9);
      expect(harmonicTail([log, log, log])).toBeCloseTo(log, 9);
    }),
  );
});

test('independent uniform p-values combined by Fisher are uniform again', () => {
  const random = seeded(8);
  let small = 0;
  for (let i = 0; i < 4000; i++) {
    if (fisherTail([1, 2, 3].map(() => Math.log(1 - random()))) < Math.log(0.1)) small++;
  }
  expect(Math.abs(small / 4000 - 0.1)).toBeLessThan(0.015);
});

test('the worked example of the average precision', () => {
  expect(averagePrecision(Float64Array.of(4, 3, 2, 1), Uint8Array.of(1, 0, 1, 0))).toBeCloseTo(5 / 6, 12);
});

test('scores that are all equal are worth the share of positives; none is no number', () => {
  expect(averagePrecision(new Float64Array(8), Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0))).toBe(0.25);
  expect(averagePrecision(Float64Array.of(1, 2), new Uint8Array(2))).toBeNaN();
});

test('the interval of a mean covers it about as often as it claims', () => {
  const random = seeded(6);
  let covered = 0;
  for (let run = 0; run < 200; run++) {
    const sample = Float64Array.from({ length: 40 }, () => normal(random));
    const meanOf = (drawn: Uint32Array) => drawn.reduce((sum, i) => sum + (sample[i] ?? 0), 0) / drawn.length;
    const { low, high } = bootstrapInterval(40, meanOf, 0.9, 200, random);
    if (low <= 0 && high >= 0) covered++;
  }
  expect(covered / 200).toBeGreaterThan(0.82);
  expect(covered / 200).toBeLessThan(0.97);
  expect(bootstrapInterval(1, () => 3, 0.95, 50, random)).toEqual({ low: 3, high: 3 });
});
