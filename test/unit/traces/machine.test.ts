import { expect, test } from 'vitest';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { parkedModel } from '#libs/traces/simulate/workloads/idle.ts';
import { inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { machineOf, NOON_MS, run, value, WORKLOADS } from './world.ts';

const KINDS: readonly Hardware[] = Object.values(HARDWARE);
const named = WORKLOADS.map((workload) => [workload.name, workload] as const);

function frameOf(workload: Workload, hardware: Hardware, seed: number): Uint8Array {
  const machine = machineOf(workload, hardware, seed);
  machine.interval(NOON_MS, 10_000);
  const endMs = NOON_MS + 10_000;
  return encodeFrame({
    node: 'node',
    site: 'simulated-test',
    boot: '0'.repeat(32),
    sequence: 1,
    endMs,
    intervalMs: 10_000,
    previous: new Uint8Array(32),
    covers: [],
    ...machine.interval(endMs, 10_000),
  });
}

test.each(named)('%s: the same seed gives the same bytes, another gives others', (_, workload) => {
  for (const hardware of KINDS) {
    expect(frameOf(workload, hardware, 1)).toEqual(frameOf(workload, hardware, 1));
    expect(frameOf(workload, hardware, 1)).not.toEqual(frameOf(workload, hardware, 2));
  }
});

test.each(named)('%s: every value is plausible, on every hardware', (_, workload) => {
  for (const hardware of KINDS) {
    const machine = machineOf(workload, hardware);
    for (let second = 1; second <= 150; second++) {
      machine.second(NOON_MS + second * 1000);
      expect(machine.rows.flatMap(implausible)).toEqual([]);
    }
  }
});

function implausible(row: EntityRow): string[] {
  const { gauges, counters } = LAYOUTS[row.kind];
  return [
    ...gauges.map(({ name, metric }, i) => ({ name, metric, reading: row.gauges[i] ?? Number.NaN })),
    ...counters.map(({ name, metric }, i) => ({ name, metric, reading: row.counters[i] ?? Number.NaN })),
  ].flatMap(({ name, metric, reading }) => {
    const [min, max] = metric.plausible;
    return Number.isNaN(reading) || (reading >= min && reading <= max) ? [] : `${name} ${reading}`;
  });
}

test.each(named)('%s: power lies between idle and limit, and energy is its integral', (_, workload) => {
  for (const hardware of KINDS) {
    const { gpu } = hardware;
    if (gpu === null) continue;
    const machine = machineOf(workload, hardware);
    machine.second(NOON_MS);
    const before = value(machine.rows[1] as EntityRow, 'gpu_energy_joules_total');
    const { gpu_power_watts: watts = [] } = run(machine, 120, ['gpu_power_watts']);
    const after = value(machine.rows[1] as EntityRow, 'gpu_energy_joules_total');
    expect(Math.min(...watts)).toBeGreaterThan(0.96 * gpu.idleWatts);
    expect(Math.max(...watts)).toBeLessThanOrEqual(gpu.limitWatts * (1 + 1e-6));
    const joules = watts.reduce((sum, one) => sum + one, 0);
    expect(Math.abs(after - before - joules)).toBeLessThan(1e-6 * joules);
  }
});

test.each(named)('%s: the node draws at least what its parts draw', (_, workload) => {
  for (const hardware of KINDS) {
    const machine = machineOf(workload, hardware);
    for (let second = 1; second <= 60; second++) {
      machine.second(NOON_MS + second * 1000);
      const [host, ...gpus] = machine.rows;
      const parts = gpus.reduce((sum, row) => sum + value(row, 'gpu_power_watts'), 0);
      expect(machine.nodeWatts).toBeGreaterThan(parts + value(host as EntityRow, 'cpu_power_watts'));
    }
  }
});

test('a GPU that shows no utilisation is not free of power, and less so with a model on it', () => {
  const columns = ['gpu_power_watts', 'gpu_utilization_ratio'];
  const empty = run(machineOf(WORKLOADS[10] as Workload), 30, columns);
  const loaded = run(machineOf(parkedModel), 30, columns);
  expect(WORKLOADS[10]?.name).toBe('idle');
  for (const { gpu_utilization_ratio: ratio } of [empty, loaded]) expect(ratio).toEqual(Array(30).fill(0));
  expect(Math.min(...(empty.gpu_power_watts ?? []))).toBeGreaterThan(60);
  expect(Math.min(...(loaded.gpu_power_watts ?? []))).toBeGreaterThan(
    Math.max(...(empty.gpu_power_watts ?? [])) + 26,
  );
});

test('where the limit of power binds, the clock goes down', () => {
  const { gpu_sm_clock_hertz: clock = [] } = run(machineOf(matmulPow), 20, ['gpu_sm_clock_hertz']);
  expect(Math.max(...clock)).toBeLessThan(0.9 * 1.98e9);
});

test('what the level does not reach is absent', () => {
  const at = (level: Hardware['level']) => {
    const machine = machineOf(matmulPow, { ...HARDWARE.h100x8, level });
    machine.second(NOON_MS);
    const gpu = machine.rows[1] as EntityRow;
    return ['gpu_power_watts', 'gpu_utilization_ratio', 'gpu_tensor_active_ratio'].map((column) =>
      Number.isNaN(value(gpu, column)),
    );
  };
  expect([at('L1'), at('L2'), at('L3')]).toEqual([
    [false, true, true],
    [false, false, true],
    [false, false, false],
  ]);
});

test('an interval sums up its ten seconds as an agent does', () => {
  const columns = ['gpu_power_watts', 'gpu_energy_joules_total'];
  const seconds = run(machineOf(inferenceOnRequest()), 10, columns);
  const watts = seconds.gpu_power_watts ?? [];
  const { entities, samples } = machineOf(inferenceOnRequest()).interval(NOON_MS + 10_000, 10_000);
  const row = entities[1] as EntityRow;
  const mean = watts.reduce((sum, one) => sum + one, 0) / 10;
  const sd = Math.sqrt(watts.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 10);
  expect(samples).toBe(10);
  expect(value(row, 'gpu_power_watts')).toBeCloseTo(mean, 3);
  expect(value(row, 'gpu_power_watts_sd')).toBeCloseTo(sd, 3);
  expect(value(row, 'gpu_power_watts_min')).toBeCloseTo(Math.min(...watts), 3);
  expect(value(row, 'gpu_power_watts_max')).toBeCloseTo(Math.max(...watts), 3);
  expect(value(row, 'gpu_energy_joules_total')).toBe(seconds.gpu_energy_joules_total?.at(-1));
});

test('it changes its work when the plan says so, and says what it really does', () => {
  const shifts = [
    { fromMs: NOON_MS, workload: parkedModel },
    { fromMs: NOON_MS + 60_000, workload: matmulPow },
  ];
  const machine = new Machine({ name: 'n', hardware: HARDWARE.h100x8, shifts, flows: true, seed: 1 });
  const at = (seconds: number) => {
    machine.second(NOON_MS + seconds * 1000);
    return [machine.behaviour, value(machine.rows[1] as EntityRow, 'gpu_tensor_active_ratio') > 0.5];
  };
  expect([at(-5), at(60), at(61)]).toEqual([
    ['B0', false],
    ['B0', false],
    ['B5', true],
  ]);
});

test('a connection is told by its bytes, its age and its rhythm, and not at all where flows are not read', () => {
  const shifts = [{ fromMs: 0, workload: matmulPow }];
  const plan = { name: 'n', hardware: HARDWARE.h100x8, shifts, seed: 1 };
  const seen = new Machine({ ...plan, flows: true });
  const unseen = new Machine({ ...plan, flows: false });
  const frames = Array.from({ length: 70 }, (_, frame) => {
    const endMs = NOON_MS + (frame + 1) * 10_000;
    expect(unseen.interval(endMs, 10_000).flows).toEqual([]);
    return seen.interval(endMs, 10_000);
  });
  const [first, last] = [frames[0], frames.at(-1)];
  expect(first?.flows).toHaveLength(1);
  expect(last?.flows[0]).toMatchObject({ peer: first?.flows[0]?.peer, ageSeconds: 700 });
  expect(first?.flows[0]?.peer).toMatch(/^[0-9a-f]{16}$/);
  expect(value(first?.entities[0] as EntityRow, 'tcp_long_lived_connections')).toBe(0);
  expect(value(last?.entities[0] as EntityRow, 'tcp_long_lived_connections')).toBe(1);
  const up = frames.reduce((sum, { flows }) => sum + (flows[0]?.bytesUp ?? 0), 0);
  const sent = value(last?.entities[0] as EntityRow, 'network_transmit_bytes_total');
  // Beside the connection there is only what every machine sends.
  expect(sent - up).toBeGreaterThan(0);
  expect(sent - up).toBeLessThan(700 * 2_000);
  for (const { flows } of frames) expect(flows[0]?.activeSecondsUp).toBeLessThanOrEqual(10);
});
