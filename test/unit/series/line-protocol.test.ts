import { expect, test } from 'vitest';
import { LineProtocol } from '#libs/series/line-protocol.ts';
import type { Point } from '#libs/series/port.ts';

const POINT: Point = {
  measurement: 'frame',
  node: 'n 1,=',
  entity: 'gpu0',
  timeMs: 1_760_000_000_000,
  fields: ['gpu_power_watts', 'absent', 'odd name=,', 'gpu_energy_joules_total'],
  values: [312.5, Number.NaN, -1, 123_456_789_012.5],
};
const LINE =
  'frame,entity=gpu0,node=n\\ 1\\,\\= gpu_power_watts=31250000e-5,odd\\ name\\=\\,=-1,gpu_energy_joules_total=123456789012.5 1760000000000\n';

test('a point is one line: measurement, tags in order, present fields, milliseconds', () => {
  const protocol = new LineProtocol();
  expect(protocol.append(POINT)).toBe(true);
  expect(protocol.length).toBe(LINE.length);
  expect(protocol.take()).toBe(LINE);
});

test('lines gather until they are taken', () => {
  const protocol = new LineProtocol();
  protocol.append(POINT);
  protocol.append({ ...POINT, node: 'узел' });
  expect(protocol.take()).toBe(LINE + LINE.replace('n\\ 1\\,\\=', 'узел'));
  expect(protocol.take()).toBe('');
});

test('a point without a value is no line', () => {
  const protocol = new LineProtocol();
  protocol.append(POINT);
  expect(protocol.append({ ...POINT, values: [Number.NaN, Number.NaN, Number.NaN, Number.NaN] })).toBe(false);
  expect(protocol.take()).toBe(LINE);
});

test('gathers more than it first has room for', () => {
  const protocol = new LineProtocol();
  for (let i = 0; i < 5_000; i++) protocol.append(POINT);
  expect(protocol.take()).toBe(LINE.repeat(5_000));
});
