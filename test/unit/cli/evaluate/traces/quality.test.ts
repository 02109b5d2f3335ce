import { expect, test } from 'vitest';
import { areaUnderCurve, calibration, thresholdAt, wilson } from '#services/cli/evaluate/traces/quality.ts';

test('Wilson’s interval of nothing in 17 reaches 18 %, and nothing at all says nothing', () => {
  expect(wilson(0, 17)).toMatchObject({ share: 0, low: 0 });
  expect(wilson(0, 17).high).toBeCloseTo(0.184, 3);
  expect(wilson(8, 10)).toMatchObject({ share: 0.8 });
  expect(wilson(8, 10).low).toBeCloseTo(0.49, 3);
  expect(wilson(8, 10).high).toBeCloseTo(0.943, 3);
  expect(wilson(0, 0)).toMatchObject({ low: 0, high: 1 });
});

test('the area under the curve counts ties half', () => {
  expect(areaUnderCurve([2, 3], [1, 2])).toBeCloseTo(0.875, 12);
  expect(areaUnderCurve([1, 1], [1, 1])).toBe(0.5);
  expect(areaUnderCurve([0], [1])).toBe(0);
});

test('at most the asked share of scores is above the threshold', () => {
  const scores = Array.from({ length: 1000 }, (_, index) => index);
  const above = (ratio: number) => scores.filter((score) => score > thresholdAt(scores, ratio)).length;
  expect([0.001, 0.01, 0.5].map(above)).toEqual([1, 10, 500]);
  expect(thresholdAt([1, 2, 3], 0.001)).toBe(3);
});

test('verdicts are grouped by how sure they were', () => {
  const groups = calibration([
    { probability: 0.95, right: true },
    { probability: 1, right: true },
    { probability: 0.32, right: false },
  ]);
  expect(groups.map(({ said, held, count }) => [said, held.share, count])).toEqual([
    [0.32, 0, 1],
    [0.975, 1, 2],
  ]);
});
