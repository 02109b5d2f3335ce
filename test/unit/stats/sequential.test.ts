import { expect, test } from 'vitest';
import { averageRunLength, CUSUM, cusum } from '#libs/stats/cusum.ts';
import { bernoulliRatio, decide, normalRatio, sequentialBounds } from '#libs/stats/sequential-test.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';

test('the worked example of the cumulative sums', () => {
  const data = new Float64Array(CUSUM);
  const steps = [1, 2, -1].map((value) => [cusum(data, 0, value, 0.5), ...data]);
  expect(steps).toEqual([
    [0.5, 0.5, 0],
    [2, 2, 0],
    [0.5, 0.5, 0.5],
  ]);
});

test('run lengths: the worked example', () => {
  expect(averageRunLength(0.5, 5, 0)).toBeCloseTo(938, 0);
  expect(averageRunLength(0.5, 5, 1)).toBeCloseTo(10.34, 2);
  expect(averageRunLength(0.5, 5, 0.5)).toBeCloseTo(38, 0);
});

/** Mean number of values until the upper sum passes 4. */
function measuredRunLength(random: () => number, mean: number, rounds: number): number {
  let total = 0;
  for (let round = 0; round < rounds; round++) {
    const data = new Float64Array(CUSUM);
    do {
      cusum(data, 0, normal(random) + mean, 0.5);
      total++;
    } while ((data[0] ?? 0) < 4);
  }
  return total / rounds;
}

test.each([0, 0.5, 1, 2])('the run length at mean %d is the one measured', (mean) => {
  const measured = measuredRunLength(seeded(2), mean, 3000);
  expect(measured / averageRunLength(0.5, 4, mean)).toBeGreaterThan(0.9);
  expect(measured / averageRunLength(0.5, 4, mean)).toBeLessThan(1.1);
});

test('the worked example of the sequential bounds and ratios', () => {
  const { lower, upper } = sequentialBounds(0.01, 0.05);
  expect([upper, lower]).toEqual([Math.log(95), Math.log(0.05 / 0.99)]);
  expect(normalRatio(1, 0, 1, 1)).toBe(0.5);
  expect(bernoulliRatio(true, 0.1, 0.4)).toBeCloseTo(Math.log(4), 12);
  expect(bernoulliRatio(false, 0.1, 0.4)).toBeLessThan(0);
});

test('a sequential test keeps its error rates', () => {
  const bounds = sequentialBounds(0.05, 0.1);
  const random = seeded(9);
  const wrong = (mean: number, error: string) => {
    let count = 0;
    for (let run = 0; run < 2000; run++) {
      let sum = 0;
      while (decide(sum, bounds) === 'continue') sum += normalRatio(normal(random) + mean, 0, 1, 1);
      if (decide(sum, bounds) === error) count++;
    }
    return count / 2000;
  };
  expect(wrong(0, 'alternative')).toBeLessThan(0.05);
  expect(wrong(1, 'null')).toBeLessThan(0.1);
});
