import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counted, countOf, nextChance, registerOf } from '#libs/stats/approximate-count.ts';
import { clearHistogram, countAt, HISTOGRAM, placeOf, surpriseAt } from '#libs/stats/value-histogram.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';

/** A histogram at an offset of its slabs, as detectors keep several. */
function histogram(bins = 32, width = 1) {
  const registers = new Uint8Array(bins + 8).fill(7);
  const head = new Float32Array(HISTOGRAM + 2).fill(7);
  const chances = Uint32Array.of(1);
  const at = { from: 4, bins, at: 1 };
  clearHistogram(registers, head, at, width);
  const look = (value: number) =>
    surpriseAt(registers, head, at, placeOf(registers, head, at, value), 0.3, 0.001);
  const learn = (value: number) => countAt(registers, head, at, placeOf(registers, head, at, value), chances);
  return { registers, head, look, learn };
}

test('the worked example: 99 values at one place say ln(100 / 0.001) twenty bins away, and next to nothing there', () => {
  const h = histogram(64);
  for (let i = 0; i < 99; i++) h.learn(-9.5);
  expect(h.look(10.5)).toBeCloseTo(Math.log(100 / 0.001), 6);
  expect(Math.abs(h.look(-9.5))).toBeLessThan(0.3);
});

test('nothing seen yet says nothing but the prior', () => {
  expect(histogram().look(3)).toBeCloseTo(Math.log(1 / 0.001), 6);
});

test('doubling the range keeps about every value and touches nothing beside it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { maxLength: 60 }), (values) => {
      const h = histogram();
      for (const value of values) h.learn(value);
      const kept = h.registers.subarray(4, 36).reduce((sum, register) => sum + countOf(register), 0) / 4;
      expect(Math.abs(kept - values.length)).toBeLessThanOrEqual(0.5 * values.length);
      expect(h.head[3]).toBe(values.length);
      expect([...h.registers.subarray(0, 4), ...h.registers.subarray(36)]).toEqual(new Array(8).fill(7));
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

test('with age old values count less, and new ones still count', () => {
  const h = histogram();
  for (let i = 0; i < 1000; i++) h.learn(10.5);
  const before = h.look(10.5);
  for (let i = 0; i < 200_000; i++) h.learn(-0.5);
  expect(h.look(10.5)).toBeGreaterThan(before + Math.log(100));
  expect(Math.abs(h.look(-0.5))).toBeLessThan(0.5);
});

test('the worked example of the approximate count, and its inverse', () => {
  expect([0, 1, 2].map(countOf)).toEqual([0, 1, 2.0625]);
  expect(countOf(100)).toBeCloseTo(6855, 0);
  for (let register = 0; register < 256; register++) expect(registerOf(countOf(register))).toBe(register);
});

test.each([10, 1000, 100_000])('counts to %d with the expected error', (count) => {
  const chances = Uint32Array.of(7);
  const found = Array.from({ length: 200 }, () => {
    let register = 0;
    for (let i = 0; i < count; i++) register = counted(register, nextChance(chances, 0));
    return countOf(register) / count;
  });
  const mean = found.reduce((sum, ratio) => sum + ratio, 0) / found.length;
  const sd = Math.sqrt(found.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / found.length);
  expect(Math.abs(mean - 1)).toBeLessThan(0.05);
  expect(sd).toBeLessThan(0.22);
});

test('chances are uniform, and repeat from the same seed', () => {
  const [a, b] = [Uint32Array.of(9), Uint32Array.of(9)];
  let below = 0;
  for (let i = 0; i < 20_000; i++) {
    const chance = nextChance(a, 0);
    expect(nextChance(b, 0)).toBe(chance);
    if (chance < 0.25) below++;
  }
  expect(Math.abs(below / 20_000 - 0.25)).toBeLessThan(0.01);
});
