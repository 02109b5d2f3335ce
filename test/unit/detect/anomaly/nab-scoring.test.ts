import { expect, test } from 'vitest';
import { bestNabScore, contribution, nabScore, PROFILES, rowWorth } from '#test/bench/anomaly/nab.ts';

const ROWS = 1000;
/** Two windows of 100 rows; the first 150 rows are not scored. */
const worth = rowWorth(ROWS, [
  [300, 399],
  [700, 799],
]);

/** A series with a detection at each of these rows. */
function detectionsAt(...rows: number[]) {
  const scores = new Float64Array(ROWS);
  for (const row of rows) scores[row] = 0.9;
  return { rows: worth, scores };
}

function scoreOf(rows: number[], profile: keyof typeof PROFILES = 'standard'): number {
  return nabScore([contribution(detectionsAt(...rows), PROFILES[profile], 0.5)], PROFILES[profile]);
}

const sigmoid = (x: number) => 2 / (1 + Math.exp(5 * x)) - 1;

test('silence is worth 0, a detection at the first row of every window 100', () => {
  expect(scoreOf([])).toBe(0);
  expect(scoreOf([300, 700])).toBeCloseTo(100, 12);
});

test('in the middle of its window a detection is worth the sigmoid, and only the first of several counts', () => {
  const middle = sigmoid(-0.5) / sigmoid(-1);
  expect(scoreOf([350, 700])).toBeCloseTo((100 * (middle + 1 + 2)) / 4, 10);
  expect(scoreOf([350, 360, 399, 700])).toBe(scoreOf([350, 700]));
});

test('a false positive costs by its distance from the window before it, and in full before the first', () => {
  const justBehind = 0.11 * sigmoid(1 / 99);
  expect(scoreOf([300, 400, 700])).toBeCloseTo((100 * (4 + justBehind)) / 4, 10);
  expect(scoreOf([200, 300, 700])).toBeCloseTo((100 * (4 - 0.11)) / 4, 10);
  expect(scoreOf([200, 300, 700], 'lowFalsePositive')).toBeCloseTo((100 * (4 - 0.22)) / 4, 10);
  expect(scoreOf([300], 'lowFalseNegative')).toBeCloseTo(50, 10);
});

test('what happens while the detector may still learn is not scored', () => {
  expect(scoreOf([0, 20, 149, 300, 700])).toBeCloseTo(100, 12);
});

test('the best threshold leaves out detections that cost more than they bring', () => {
  const series = detectionsAt(300, 700);
  for (let row = 450; row < 690; row++) series.scores[row] = 0.6;
  expect(bestNabScore([series], PROFILES.standard)).toEqual({ score: 100, threshold: 0.9 });
  expect(nabScore([contribution(series, PROFILES.standard, 0.5)], PROFILES.standard)).toBeLessThan(0);
});
