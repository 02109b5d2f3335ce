import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slab } from '#libs/stats/slab.ts';

const make = (width: number) => new Slab(width, (length) => new Float64Array(length));

test('rows keep what was written to them while the slab grows', () => {
  const slab = make(3);
  for (let row = 0; row < 500; row++) {
    slab.ensure(row + 1);
    slab.page(row)[slab.at(row) + 2] = row;
  }
  for (let row = 0; row < 500; row++) expect(slab.page(row)[slab.at(row) + 2]).toBe(row);
});

test('the bytes of a slab restore it, whatever the number of rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 9 }), (rows, width) => {
      const slab = make(width);
      slab.ensure(rows);
      for (let row = 0; row < rows; row++) slab.page(row)[slab.at(row)] = row + 0.5;
      const bytes = Buffer.concat(slab.bytes(rows));
      expect(bytes.length).toBe(slab.sizeOf(rows));
      const copy = make(width);
      copy.restore(bytes, rows);
      for (let row = 0; row < rows; row++) expect(copy.page(row)[copy.at(row)]).toBe(row + 0.5);
    }),
  );
});

test('bytes of another length are refused', () => {
  expect(() => make(2).restore(new Uint8Array(15), 1)).toThrow('15 bytes: expected 16 for 1 rows');
});

test('new rows begin as the page was made', () => {
  const slab = new Slab(2, (length) => new Float32Array(length).fill(Number.NaN));
  slab.ensure(1);
  expect(slab.page(0)[slab.at(0)]).toBeNaN();
});
