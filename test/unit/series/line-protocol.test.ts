import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineProtocol, numberText } from '#libs/series/line-protocol.ts';
import type { Point } from '#libs/series/port.ts';

test('a point is one line: measurement, tags in order, present fields, milliseconds', () => {
  const point: Point = {
    measurement: 'frame',
    node: 'n 1,=',
    entity: 'gpu0',
    timeMs: 1_760_000_000_000,
    fields: ['gpu_power_watts', 'absent', 'odd name=,', 'gpu_energy_joules_total'],
    values: [312.5, Number.NaN, -1, 123_456_789_012.5],
  };
  expect(new LineProtocol().line(point)).toBe(
    'frame,entity=gpu0,node=n\\ 1\\,\\= gpu_power_watts=31250000e-5,odd\\ name\\=\\,=-1,gpu_energy_joules_total=123456789012.5 1760000000000',
  );
});

test('a point without a value is no line', () => {
  const point: Point = {
    measurement: 'summary',
    node: 'n',
    entity: 'host',
    timeMs: 1,
    fields: ['a'],
    values: [Number.NaN],
  };
  expect(new LineProtocol().line(point)).toBe('');
});

test('numbers are written as short as their kind allows', () => {
  const f = (value: number, text: string) => expect(numberText(value)).toBe(text);
  f(0, '0');
  f(42, '42');
  f(0.5, '50000000e-8');
  f(Math.fround(0.1), '10000000e-8');
  f(-312.4375, '-31243750e-5');
  f(0.1, '0.1'); // no float32
  f(Number.MAX_SAFE_INTEGER, '9007199254740991');
  f(1e21, '1e+21');
  f(Math.fround(1e-5), '0.000009999999747378752'); // outside the short form's range
});

test('every float32 comes back through Math.fround, every float64 as it is', () => {
  const bits = new DataView(new ArrayBuffer(4));
  const anyFloat32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((pattern) => {
    bits.setInt32(0, pattern);
    return bits.getFloat32(0);
  });
  const usual = fc.float({ min: -1_000_000, max: 1_000_000, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(anyFloat32, usual), (value) => {
      if (!Number.isFinite(value)) return;
      // `+ 0`: the two zeros are one number to a store.
      expect(Math.fround(Number(numberText(value))) + 0).toBe(value + 0);
    }),
    { numRuns: 20_000 },
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      if (Math.fround(value) !== value) expect(Number(numberText(value))).toBe(value);
    }),
  );
});
