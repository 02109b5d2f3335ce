import { sampleVariance } from 'simple-statistics';
import { expect, test } from 'vitest';
import { changePoint, latestChangePoint } from '#libs/stats/change-point.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';

const options = { confidence: 0.95, smallestSd: 1e-3, likelihoodRatio: 16 };

/** `before` values around 0, then `after` values around `shift`, standard deviation 1. */
function shifted(random: () => number, before: number, after: number, shift: number): Float64Array {
  return Float64Array.from({ length: before + after }, (_, i) => normal(random) + (i < before ? 0 : shift));
}

test('the worked example: the level of {1, 2, 1, 2, 9, 8, 9} changes at index 4', () => {
  const found = changePoint(Float64Array.of(1, 2, 1, 2, 9, 8, 9), 0, 7, options);
  expect(found).toMatchObject({ index: 4, from: 4, to: 4, before: 1.5 });
  expect(found?.after).toBeCloseTo(26 / 3, 12);
});

test('the likelihood ratio is that of the residual variances', () => {
  const values = [1, 2, 1, 2, 9, 8, 9];
  const squares = (part: number[]) => sampleVariance(part) * (part.length - 1);
  const ratio = squares(values) / (squares(values.slice(0, 4)) + squares(values.slice(4)));
  const found = changePoint(Float64Array.from(values), 0, 7, { ...options, smallestSd: 0 });
  expect(found?.likelihoodRatio).toBeCloseTo(7 * Math.log(ratio), 9);
});

test.each([2, 3, 5])(
  'the interval holds a shift of %i standard deviations as often as it promises',
  (shift) => {
    const random = seeded(7);
    let found = 0;
    let held = 0;
    for (let run = 0; run < 1_000; run++) {
      const change = changePoint(shifted(random, 40, 20, shift), 0, 60, options);
      if (change === null) continue;
      found++;
      if (change.from <= 40 && 40 <= change.to) held++;
    }
    expect(found).toBeGreaterThan(900);
    expect(held / found).toBeGreaterThanOrEqual(0.95);
  },
);

test('noise alone seldom has a change', () => {
  const random = seeded(11);
  let found = 0;
  for (let run = 0; run < 1_000; run++) {
    if (changePoint(shifted(random, 60, 0, 0), 0, 60, options) !== null) found++;
  }
  expect(found).toBeLessThan(30);
});

test('of several changes the latest is found', () => {
  const random = seeded(3);
  const values = Float64Array.from(
    { length: 60 },
    (_, i) => (i < 20 ? 0 : i < 50 ? 30 : 40) + normal(random),
  );
  expect(changePoint(values, 0, 60, options)?.index).toBe(20);
  expect(latestChangePoint(values, 60, options)?.index).toBe(50);
});

test('a constant series and one too short have none', () => {
  expect(latestChangePoint(new Float64Array(30).fill(5), 30, options)).toBeNull();
  expect(latestChangePoint(Float64Array.of(0, 0, 9), 3, options)).toBeNull();
});

test('a shift smaller than the spread that is believed is none', () => {
  const values = Float64Array.from({ length: 40 }, (_, i) => (i < 20 ? 100 : 100.1));
  expect(latestChangePoint(values, 40, { ...options, smallestSd: 1 })).toBeNull();
});
