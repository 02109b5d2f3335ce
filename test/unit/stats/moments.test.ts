import fc from 'fast-check';
import { max, mean, min, standardDeviation, sum } from 'simple-statistics';
import { expect, test } from 'vitest';
import { standardDeviation as deviationOf, MOMENTS, pool, poolMean, squaresOf } from '#libs/stats/moments.ts';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const group = fc.array(value, { minLength: 1, maxLength: 12 });

function pooled(groups: readonly number[][]): Float64Array {
  const data = new Float64Array(MOMENTS);
  for (const one of groups) {
    const m2 = one.length < 2 ? 0 : squaresOf(one.length, standardDeviation(one));
    pool(data, 0, one.length, mean(one), m2, min(one), max(one));
  }
  return data;
}

test('the worked example: {2, 4} with {6} has mean 4 and squares 8', () => {
  expect([...pooled([[2, 4], [6]])]).toEqual([3, 4, 8, 2, 6]);
});

test('groups merged one by one have the moments of all their values at once', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1, maxLength: 20 }), (groups) => {
      const all = groups.flat();
      const data = pooled(groups);
      const scale = 1 + max(all.map(Math.abs));
      expect(data[0]).toBe(all.length);
      expect(Math.abs((data[1] ?? Number.NaN) - mean(all)) / scale).toBeLessThan(1e-12);
      expect([data[3], data[4]]).toEqual([min(all), max(all)]);
      const sd = all.length < 2 ? 0 : standardDeviation(all);
      expect(Math.abs(deviationOf(data, 0) - sd) / scale).toBeLessThan(1e-7);
    }),
  );
});

test('counts and means merge like the mean of all values', () => {
  fc.assert(
    fc.property(fc.array(group, { minLength: 1 }), (groups) => {
      const data = new Float64Array(2);
      for (const one of groups) poolMean(data, 0, one.length, mean(one));
      const all = groups.flat();
      expect(data[0]).toBe(all.length);
      expect(Math.abs((data[1] ?? Number.NaN) - sum(all) / all.length)).toBeLessThan(1e-6);
    }),
  );
});
