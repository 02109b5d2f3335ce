import { expect, test } from 'vitest';
import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { parseSmiLine, SMI_QUERY, smiNumber } from '#services/agent/collect/gpu/smi-line.ts';

function valuesOf(line: string): Readonly<Record<string, number>> {
  const { gauges } = parseSmiLine(line) ?? { gauges: [] };
  const value = (name: string) => gauges.find(([ordinal]) => ordinal === gaugeOrdinal('gpu', name))?.[1];
  const names = [
    'gpu_power_watts',
    'gpu_utilization_ratio',
    'gpu_temperature_celsius',
    'gpu_memory_used_bytes',
  ];
  return Object.fromEntries(names.map((name) => [name, value(name) ?? Number.POSITIVE_INFINITY]));
}

test('asks for an index, a name and what all drivers know', () => {
  expect(SMI_QUERY).toBe(
    'index,uuid,memory.used,memory.total,power.draw,utilization.gpu,utilization.memory,temperature.gpu,clocks.sm,' +
      'clocks.mem,enforced.power.limit,power.default_limit,clocks.max.sm,clocks.max.mem,pcie.link.gen.current,' +
      'pcie.link.width.current',
  );
});

test('reads every value into base units', () => {
  // Values that an RTX 2080 under load was reported with (driver 440.64), in the order of the query.
  const line =
    '2, GPU-22b2c6ac-2d49-4863-197c-9c469071178a, 3914, 7979, 176.98, 86, 55, 45, 1965, 7199, 200.00, 225.00, 2100, 7000, 2, 8';
  const reading = parseSmiLine(line);
  expect(reading).toMatchObject({ index: 2, uuid: 'GPU-22b2c6ac-2d49-4863-197c-9c469071178a' });
  const expected = {
    gpu_memory_used_bytes: 3914 * 2 ** 20,
    gpu_memory_used_ratio: 3914 / 7979,
    gpu_power_watts: 176.98,
    gpu_utilization_ratio: 0.86,
    gpu_memory_controller_utilization_ratio: 0.55,
    gpu_temperature_celsius: 45,
    gpu_sm_clock_hertz: 1.965e9,
    gpu_memory_clock_hertz: 7.199e9,
    gpu_power_limit_watts: 200,
    gpu_power_limit_default_watts: 225,
    gpu_sm_clock_maximum_hertz: 2.1e9,
    gpu_memory_clock_maximum_hertz: 7e9,
    gpu_pcie_link_generation: 2,
    gpu_pcie_link_width: 8,
  };
  const got = new Map(reading?.gauges);
  for (const [name, value] of Object.entries(expected)) {
    expect(got.get(gaugeOrdinal('gpu', name)), name).toBeCloseTo(value, 6);
  }
  expect(got.size).toBe(Object.keys(expected).length);
});

test('leaves out what nvidia-smi does not tell', () => {
  // An RTX A6000 whose sensors had failed.
  const line =
    '0, GPU-0472e0b4-22a5-992d-e99a-b924703a82f7, 6, 49140, [Unknown Error], [Unknown Error], [N/A], 32, [Not Supported], N/A, 300.00, [N/A], [GPU is lost], [N/A], [N/A], [N/A]';
  expect(valuesOf(line)).toEqual({
    gpu_power_watts: Number.NaN,
    gpu_utilization_ratio: Number.NaN,
    gpu_temperature_celsius: 32,
    gpu_memory_used_bytes: 6 * 2 ** 20,
  });
});

test.each([
  '',
  'Unable to determine the device handle for GPU0000:02:00.0: Unknown Error',
  'Field "power.drow" is not a valid field to query.',
  "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
  'No devices were found',
  'Failed to initialize NVML: Driver/library version mismatch',
  Array(16).fill('[Unknown Error]').join(', '),
  '0, GPU-1, 1, 2, 3',
])('takes %j for no reading', (line) => {
  expect(parseSmiLine(line)).toBeNull();
});

test.each([
  ['71.45', 71.45],
  ['0', 0],
  ['-3', -3],
  ['', Number.NaN],
  ['[N/A]', Number.NaN],
  ['[Not Supported]', Number.NaN],
  ['[Unknown Error]', Number.NaN],
  ['[Insufficient Permissions]', Number.NaN],
  ['300.00 W', Number.NaN],
])('reads %j as %d', (text, value) => {
  expect(smiNumber(text)).toBe(value);
});
