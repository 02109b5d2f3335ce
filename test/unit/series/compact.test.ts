import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEmpty, packValues, unpackValues } from '#libs/series/compact.ts';

const unpack = (packed: Uint8Array, count: number, targets: readonly number[]): number[] => {
  const out = new Float64Array(targets.length).fill(Number.NaN);
  unpackValues(packed, count, Int32Array.from(targets), out);
  return Array.from(out);
};

test('any values come back exactly, NaN as absent', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double(), fc.float(), fc.integer()), { maxLength: 70 }), (values) => {
      const identity = values.map((_, i) => i);
      // A copy: the buffer is used again.
      expect(unpack(packValues(values).slice(), values.length, identity)).toEqual(values);
    }),
  );
});

test('a float32 takes four bytes, a float64 eight, an absent value none', () => {
  expect(packValues([0.5, 0.1, Number.NaN, 7, 1e9])).toHaveLength(2 + 4 + 8 + 0 + 4 + 4);
});

test('gives only what is wanted, at its place, and says how much of it is there', () => {
  const packed = packValues([1, Number.NaN, 3, 4]).slice();
  const out = new Float64Array(2).fill(Number.NaN);
  expect(unpackValues(packed, 4, Int32Array.of(-1, 0, 1, -1), out)).toBe(1);
  expect(Array.from(out)).toEqual([Number.NaN, 3]);
});

test('knows a row without a value', () => {
  expect(isEmpty(packValues([Number.NaN, Number.NaN]), 2)).toBe(true);
  expect(isEmpty(packValues([Number.NaN, 0]), 2)).toBe(false);
  expect(isEmpty(packValues([]), 0)).toBe(true);
});

test('grows with the row', () => {
  const values = Array.from({ length: 5000 }, (_, i) => i + 0.1);
  expect(unpack(packValues(values).slice(), 5000, [...values.keys()])).toEqual(values);
});
