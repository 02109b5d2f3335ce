import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { decimal, duration, wholeNumber } from '#services/cli/options.ts';

test('durations are read in seconds, minutes and hours', () => {
  expect(['90s', '5m', '1h', '1.5m'].map(duration)).toEqual([90, 300, 3_600, 90]);
});

test.each(['', '90', '0s', '-5s', '5d', 's', '1e3s'])('%j is no duration', (text) => {
  expect(() => duration(text)).toThrow(InvalidArgumentError);
});

test('numbers are read within their bounds alone', () => {
  expect(wholeNumber(40, 5_000)('200')).toBe(200);
  expect(decimal(0.1, 72)('0.5')).toBe(0.5);
  for (const text of ['', ' ', '39', '5001', '40.5', 'many'])
    expect(() => wholeNumber(40, 5_000)(text)).toThrow(/expected a whole number 40\.\.5000/);
  for (const text of ['', '0', '73', 'NaN']) expect(() => decimal(0.1, 72)(text)).toThrow(/0\.1\.\.72/);
});
