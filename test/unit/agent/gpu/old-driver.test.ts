import { expect, test } from 'vitest';
import { counter, gauge, gpuWorld, useStub } from './world.ts';

const stub = useStub(['-DOLD_DRIVER']);

test('takes from an old driver what it has, and leaves the rest out', () => {
  stub.set('gpus', 1);
  stub.set('energy', 5_000);
  const world = gpuWorld(stub.path);
  world.frame(0, 1);
  const frame = world.frame(2, 3);
  expect(gauge(frame, 0, 'gpu_power_watts')).toBe(350);
  expect(counter(frame, 0, 'gpu_energy_joules_total')).toBe(5);
  expect(gauge(frame, 0, 'gpu_memory_used_ratio')).toBeCloseTo(0.1, 6);
  expect(gauge(frame, 0, 'gpu_temperature_celsius')).toBe(60);
  expect(gauge(frame, 0, 'gpu_clocks_event_power_cap_ratio')).toBe(1);
  expect(gauge(frame, 0, 'gpu_pcie_receive_bytes_per_second')).toBe(5e6);
  expect(gauge(frame, 0, 'gpu_nvlink_receive_bytes_per_second')).toBeGreaterThan(0);
  for (const name of ['gpu_sm_active_ratio', 'gpu_confidential_compute_mode']) {
    expect(gauge(frame, 0, name), name).toBeNaN();
  }
  expect(world.counters.value('agent_source_failures_total', { source: 'nvml' })).toBe(0);
});
