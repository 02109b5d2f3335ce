import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clearHistogram, countAt, HISTOGRAM, placeOf, surpriseAt } from '#libs/stats/value-histogram.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';

/** A histogram at an offset of its slabs, as detectors keep several. */
function histogram(bins = 32, width = 1) {
  const counts = new Uint16Array(bins + 8).fill(7);
  const head = new Float32Array(HISTOGRAM + 2).fill(7);
  const at = { from: 4, bins, at: 1 };
  clearHistogram(counts, head, at, width);
  const look = (value: number) => surpriseAt(counts, head, at, placeOf(counts, head, at, value), 0.3, 0.001);
  const learn = (value: number) => countAt(counts, head, at, placeOf(counts, head, at, value));
  return { counts, head, at, look, learn };
}

test('the worked example: 99 values at one place say ln(100 / 0.001) twenty bins away', () => {
  const h = histogram(64);
  for (let i = 0; i < 99; i++) h.learn(-9.5);
  expect(h.look(10.5)).toBeCloseTo(Math.log(100 / 0.001), 6);
  expect(h.look(-9.5)).toBeCloseTo(0.01, 2);
});

test('nothing seen yet says nothing but the prior', () => {
  expect(histogram().look(3)).toBeCloseTo(Math.log(1 / 0.001), 6);
});

test('doubling the range keeps every value and touches nothing beside it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 60 }), (values) => {
      const h = histogram();
      for (const value of values) h.learn(value);
      const own = h.counts.subarray(4, 36);
      expect(own.reduce((sum, count) => sum + count, 0)).toBe(8 * values.length);
      expect(h.head[3]).toBe(8 * values.length);
      expect([...h.counts.subarray(0, 4), ...h.counts.subarray(36)]).toEqual(new Array(8).fill(7));
      expect([h.head[0], h.head[4]]).toEqual([7, 7]);
    }),
  );
});

test('a value near what was seen surprises less than one further off', () => {
  const h = histogram(64, 0.25);
  const random = seeded(5);
  for (let i = 0; i < 2000; i++) h.learn(normal(random));
  const [near, edge, far] = [h.look(0.1), h.look(2.5), h.look(7)];
  expect(near).toBeLessThan(3);
  expect(near).toBeLessThan(edge);
  expect(edge).toBeLessThan(far);
});

test('a full bin halves all: old values count less, and new ones still count', () => {
  const h = histogram();
  for (let i = 0; i < 100; i++) h.learn(10.5);
  for (let i = 0; i < 20_000; i++) h.learn(-0.5);
  expect(Math.max(...h.counts.subarray(4, 36))).toBeLessThanOrEqual(65_535);
  expect(h.look(10.5)).toBeGreaterThan(Math.log(20_100 / 100));
  expect(h.look(-0.5)).toBeLessThan(0.01);
});
