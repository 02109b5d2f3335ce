import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnomalyDetector } from '#libs/detect/anomaly/detector.ts';
import { averagePrecision } from '#libs/stats/average-precision.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';
import { alertsOf, noise, STEP_MS, scoresOf, withAt, workdays } from './series.ts';

const AT = 3000;
const quiet = noise(1, 4000);

test('noise that stays what it was opens an alert less than once in a thousand values, and none at once', () => {
  const alerts = [2, 3, 4, 5, 6].flatMap((seed) => alertsOf(noise(seed, 8000)));
  expect(Math.min(...alerts)).toBeGreaterThan(100);
  expect(alerts.filter((i) => i >= 1000).length).toBeLessThan(5 * 7);
});

test.each([
  ['a spike', [12]],
  ['a shift of the level', noise(7, 300, 8)],
  ['a sensor that stands still', new Array<number>(60).fill(0.2)],
  ['noise three times as wide', noise(8, 200).map((v) => 4 * v)],
  ['noise that dies away', noise(9, 200).map((v) => v / 50)],
])('%s opens an alert soon', (_, changed) => {
  const alerts = alertsOf(withAt(quiet, AT, changed)).filter((i) => i >= AT && i < AT + 60);
  expect(alerts.length).toBe(1);
});

test('an episode has one alert, however long it lasts', () => {
  const shifted = withAt(quiet, AT, noise(7, 400, 30));
  expect(alertsOf(shifted).filter((i) => i >= AT && i < AT + 300)).toEqual([AT]);
});

test('what became usual is not alarming any more', () => {
  const long = [...noise(1, 3000), ...noise(2, 6000, 10)];
  expect(alertsOf(long).filter((i) => i > 3600).length).toBeLessThanOrEqual(4);
});

test('a working day without work shows with a season, and without one it does not', () => {
  const idle = withAt(workdays(3, 30), 24 * 288 + 96, noise(4, 120));
  const within = (i: number) => i >= 24 * 288 + 96 && i < 24 * 288 + 216;
  expect(alertsOf(idle, 'day').some(within)).toBe(true);
  expect(alertsOf(idle, 'none').some(within)).toBe(false);
});

test('scores up to a row do not depend on the rows after it', () => {
  const other = withAt(quiet, AT, noise(5, 1000, 50));
  expect(scoresOf(other).slice(0, AT)).toEqual(scoresOf(quiet).slice(0, AT));
});

test('neither the unit nor the origin of a series matters', () => {
  const shape = withAt(quiet, AT, [15]);
  const scaled = scoresOf(shape.map((v) => 4096 * v - 64));
  scoresOf(shape).forEach((score, i) => {
    expect(Math.abs(score - (scaled[i] ?? 0))).toBeLessThan(0.05);
  });
  expect(alertsOf(shape.map((v) => 4096 * v - 64))).toEqual(alertsOf(shape));
});

test('missing values score 0 and change nothing else', () => {
  const gappy = quiet.flatMap((v, i) => (i % 7 === 0 ? [Number.NaN, v] : [v]));
  const scores = scoresOf(gappy);
  expect(scores.filter((_, i) => Number.isNaN(gappy[i] ?? 0))).toEqual(new Array(572).fill(0));
  expect(scores.filter((_, i) => !Number.isNaN(gappy[i] ?? 0))).toEqual(scoresOf(quiet));
});

test('whatever comes in, a score is finite and 0 … 1', () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(0, 1, 1e99, -1e99, Number.NaN), fc.integer());
  const row = fc.tuple(value, value, value);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(row, { maxLength: 200 }), (columns, rows) => {
      const detector = new AnomalyDetector(columns, 'week');
      rows.forEach((values, i) => {
        const score = detector.step(i * STEP_MS, values);
        expect(score >= 0 && score < 1).toBe(true);
      });
    }),
  );
});

test.each([1, 3])('a detector of %d columns goes on from what was saved', (columns) => {
  const row = (i: number) => [quiet[i] ?? 0, quiet[i + 7] ?? 0, quiet[i + 9] ?? 0];
  const first = new AnomalyDetector(columns, 'week');
  for (let i = 0; i < 1500; i++) first.step(i * STEP_MS, row(i));
  const second = new AnomalyDetector(columns, 'week');
  second.restore(first.save());
  for (let i = 1500; i < 2000; i++) {
    expect(second.step(i * STEP_MS, row(i))).toBe(first.step(i * STEP_MS, row(i)));
  }
});

test('state of another shape is refused', () => {
  const saved = new AnomalyDetector(2, 'none').save();
  expect(() => new AnomalyDetector(3, 'none').restore(saved)).toThrow(RangeError);
});

test('a series costs at most 1 KiB of state', () => {
  expect(new AnomalyDetector(1, 'week').byteLength).toBeLessThanOrEqual(1024);
  const perColumn = new AnomalyDetector(41, 'week').byteLength - new AnomalyDetector(1, 'week').byteLength;
  expect(perColumn / 41).toBeLessThanOrEqual(128);
});

/** Twelve columns of correlated noise; in three of them the level rises during the labelled rows. */
function incident(seed: number): { rows: number[][]; labels: Uint8Array } {
  const random = seeded(seed);
  const labels = new Uint8Array(3000).fill(1, 2400, 2500);
  const rows = Array.from(labels, (label) => {
    const common = normal(random);
    return Array.from({ length: 12 }, (_, j) => common + normal(random) + (label && j < 3 ? 5 : 0));
  });
  return { rows, labels };
}

test('an incident in a quarter of the columns ranks first, and alerts once', () => {
  const { rows, labels } = incident(11);
  const detector = new AnomalyDetector(12, 'none');
  const scores = Float64Array.from(rows, (row, i) => detector.step(i * STEP_MS, row));
  expect(averagePrecision(scores, labels)).toBeGreaterThan(0.8);
  const alerts = [...scores.keys()].filter((i) => (scores[i] ?? 0) >= 0.5);
  expect(alerts.filter((i) => labels[i] === 1).length).toBe(1);
});
