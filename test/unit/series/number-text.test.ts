import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberText } from '#libs/series/number-text.ts';

function text(value: number): string {
  const bytes = new Uint8Array(40);
  const end = NumberText.write(value, bytes, 2);
  expect(end - 2).toBeLessThanOrEqual(NumberText.maxBytes);
  return Buffer.from(bytes.subarray(2, end)).toString('latin1');
}

test('numbers are written as short as their kind allows', () => {
  const f = (value: number, written: string) => expect(text(value)).toBe(written);
  f(0, '0');
  f(-0, '0');
  f(42, '42');
  f(-7, '-7');
  f(999_999_999, '999999999');
  f(1_000_000_000, '1000000000'); // the second half is all zeros
  f(Number.MAX_SAFE_INTEGER, '9007199254740991');
  f(0.5, '50000000e-8');
  f(Math.fround(0.1), '10000000e-8');
  f(-312.4375, '-31243750e-5');
  f(0.1, '0.1'); // no float32
  f(1e21, '1e+21');
  f(Math.fround(1e-5), '0.000009999999747378752'); // outside the short form's range
});

const bits = new DataView(new ArrayBuffer(4));
const anyFloat32 = fc
  .integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  .map((pattern) => {
    bits.setInt32(0, pattern);
    return bits.getFloat32(0);
  })
  .filter(Number.isFinite);

test('every float32 comes back through Math.fround', () => {
  const usual = fc.float({ min: -1_000_000, max: 1_000_000, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(anyFloat32, usual), (value) => {
      // `+ 0`: the two zeros are one number to a store.
      expect(Math.fround(Number(text(value))) + 0).toBe(value + 0);
    }),
    { numRuns: 20_000 },
  );
});

test('every other number comes back as it was', () => {
  const whole = fc.maxSafeInteger();
  const double = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => Math.fround(value) !== value);
  fc.assert(
    fc.property(fc.oneof(whole, double), (value) => {
      expect(Number(text(value)) + 0).toBe(value + 0);
    }),
    { numRuns: 5_000 },
  );
});
