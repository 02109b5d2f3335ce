import fc from 'fast-check';
import { median, medianAbsoluteDeviation } from 'simple-statistics';
import { expect, test } from 'vitest';
import { MAD_TO_SD, medianInPlace, robustFit } from '#libs/stats/robust.ts';

const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 64 });

test('the worked examples', () => {
  expect(medianInPlace(Float64Array.of(5, 1, 4, 2), 4)).toBe(3);
  expect(robustFit(Float64Array.of(1, 1, 2, 2, 4, 6, 9), 7)).toEqual({ median: 2, scale: MAD_TO_SD });
});

test('median and scaled deviation are those of simple-statistics', () => {
  fc.assert(
    fc.property(values, (sample) => {
      const fit = robustFit(Float64Array.from(sample), sample.length);
      expect(fit.median).toBeCloseTo(median(sample), 5);
      expect(fit.scale / MAD_TO_SD).toBeCloseTo(medianAbsoluteDeviation(sample), 5);
    }),
  );
});

test('values beyond the count are not looked at', () => {
  expect(robustFit(Float64Array.of(3, 1, 2, 1e9, 1e9), 3).median).toBe(2);
});

test('a minority of outliers moves neither by more than the rest spreads', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e3, max: 1e9, noNaN: true }), (outlier) => {
      const fit = robustFit(Float64Array.of(9, 10, 11, 10, 10.5, 9.5, outlier, outlier, outlier), 9);
      expect(fit.median).toBeLessThanOrEqual(11);
      expect(fit.scale).toBeLessThan(2);
    }),
  );
});
