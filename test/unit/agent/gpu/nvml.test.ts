import { expect, test } from 'vitest';
import { counter, gauge, gpuWorld, useStub, uuids } from './world.ts';

const stub = useStub();
const uuid = (gpu: number) => `GPU-00000000-0000-0000-0000-${String(gpu).padStart(12, '0')}`;

test('says everything of every GPU, in base units', () => {
  stub.set('gpus', 2);
  stub.set('energy', 123_456_789);
  const frame = gpuWorld(stub.path).frame(0, 1, 2);
  expect(uuids(frame)).toEqual([
    [0, uuid(0)],
    [1, uuid(1)],
  ]);
  const expected = {
    gpu_power_watts: 351,
    gpu_power_instant_watts: 351,
    gpu_utilization_ratio: 0.9,
    gpu_memory_controller_utilization_ratio: 0.4,
    gpu_sm_clock_hertz: 1.755e9,
    gpu_memory_clock_hertz: 2.619e9,
    gpu_memory_used_bytes: 8 * 2 ** 30,
    gpu_memory_used_ratio: 8 / 79,
    gpu_temperature_celsius: 61,
    gpu_memory_temperature_celsius: 70,
    gpu_power_limit_watts: 600,
    gpu_power_limit_default_watts: 700,
    gpu_sm_clock_application_hertz: 1.7e9,
    gpu_memory_clock_application_hertz: 2.619e9,
    gpu_sm_clock_maximum_hertz: 1.98e9,
    gpu_memory_clock_maximum_hertz: 2.619e9,
    gpu_sm_clock_customer_maximum_hertz: 1.98e9,
    gpu_nvlink_links: 18,
    gpu_pcie_link_generation: 5,
    gpu_pcie_link_width: 16,
    gpu_ecc_mode: 1,
    gpu_compute_mode: 0,
    gpu_mig_mode: 0,
    gpu_confidential_compute_mode: 0,
    gpu_processes: 1,
    // What the stub's GPM says: the last digit of the metric's number, in tens, plus the GPU.
    gpu_sm_active_ratio: 0.21,
    gpu_sm_occupancy_ratio: 0.31,
    gpu_integer_active_ratio: 0.41,
    gpu_tensor_active_ratio: 0.51,
    gpu_tensor_dfma_active_ratio: 0.61,
    gpu_tensor_hmma_active_ratio: 0.71,
    gpu_tensor_imma_active_ratio: 0.91,
    gpu_dram_active_ratio: 0.01,
    gpu_fp64_active_ratio: 0.11,
    gpu_fp32_active_ratio: 0.21,
    gpu_fp16_active_ratio: 0.31,
    gpu_pcie_transmit_bytes_per_second: 100 * 2 ** 20,
    gpu_pcie_receive_bytes_per_second: 100 * 2 ** 20,
    gpu_nvlink_transmit_bytes_per_second: 100 * 2 ** 20,
    gpu_nvlink_receive_bytes_per_second: 100 * 2 ** 20,
  };
  for (const [name, value] of Object.entries(expected)) {
    expect(gauge(frame, 1, name), name).toBeCloseTo(Math.fround(value), 5);
  }
  expect(counter(frame, 1, 'gpu_energy_joules_total')).toBeCloseTo(123_456.789, 6);
});

test('keeps the shape of what has one', () => {
  const world = gpuWorld(stub.path);
  for (const [at, milliWatts] of [100_000, 300_000, 200_000].entries()) {
    stub.set('power.0', milliWatts);
    world.sample(at);
  }
  const frame = world.finish(2);
  expect(gauge(frame, 0, 'gpu_power_watts')).toBe(200);
  expect(gauge(frame, 0, 'gpu_power_watts_min')).toBe(100);
  expect(gauge(frame, 0, 'gpu_power_watts_max')).toBe(300);
  expect(gauge(frame, 0, 'gpu_power_watts_sd')).toBeCloseTo(81.65, 2);
});

test('tells for what share of the time the clocks were held back, and by what', () => {
  const world = gpuWorld(stub.path);
  // SW power cap; HW thermal and SW thermal; power brake; idle and application clocks.
  for (const [at, reasons] of [0x4, 0x60, 0x80, 0x3].entries()) {
    stub.set('reasons', reasons);
    world.sample(at);
  }
  const frame = world.finish(3);
  for (const event of ['power_cap', 'thermal', 'hardware_slowdown', 'idle', 'application_clocks']) {
    expect(gauge(frame, 0, `gpu_clocks_event_${event}_ratio`), event).toBe(0.25);
  }
  expect(gauge(frame, 0, 'gpu_clocks_event_sync_boost_ratio')).toBe(0);
});

test('compares activities over more than the 100 ms after which the driver takes them anew', () => {
  const activity = (...times: readonly number[]) =>
    gauge(gpuWorld(stub.path).frame(...times), 0, 'gpu_sm_active_ratio');
  expect(activity(0, 0.1)).toBeNaN();
  expect(activity(0, 0.1, 0.2)).toBeCloseTo(0.2, 5);
  expect(activity(0, 0.05, 0.1)).toBeNaN();
  expect(activity(0, 0.09, 0.19, 0.28)).toBeCloseTo(0.2, 5);
});

test('takes traffic from counters where there is no GPM', () => {
  stub.set('hopper', 0);
  const world = gpuWorld(stub.path);
  for (const [at, count] of [1_000, 3_000, 2_000].entries()) {
    for (const key of ['pcie_tx', 'pcie_rx', 'nvlink_tx', 'nvlink_rx']) stub.set(key, count);
    world.sample(at);
  }
  const frame = world.finish(2);
  // The counter that shrank was reset, or wrapped: no rate.
  expect(gauge(frame, 0, 'gpu_pcie_transmit_bytes_per_second')).toBe(2_000);
  expect(gauge(frame, 0, 'gpu_pcie_receive_bytes_per_second')).toBe(2_000);
  expect(gauge(frame, 0, 'gpu_nvlink_transmit_bytes_per_second')).toBe(2_000 * 1024);
  expect(gauge(frame, 0, 'gpu_nvlink_receive_bytes_per_second')).toBe(2_000 * 1024);
  for (const name of ['gpu_sm_active_ratio', 'gpu_tensor_active_ratio', 'gpu_dram_active_ratio']) {
    expect(gauge(frame, 0, name), name).toBeNaN();
  }
});

test('says under confidential computing that it is on, and nothing that it hides', () => {
  stub.set('cc', 1);
  const hidden = gpuWorld(stub.path).frame(0, 1);
  expect(gauge(hidden, 0, 'gpu_confidential_compute_mode')).toBe(1);
  expect(gauge(hidden, 0, 'gpu_sm_active_ratio')).toBeNaN();
  expect(gauge(hidden, 0, 'gpu_power_watts')).toBe(350);

  stub.set('devtools', 1);
  const shown = gpuWorld(stub.path).frame(0, 1);
  expect(gauge(shown, 0, 'gpu_confidential_compute_mode')).toBe(2);
  expect(gauge(shown, 0, 'gpu_sm_active_ratio')).toBeCloseTo(0.2, 6);
});

test('reports under MIG the instances, and of the whole GPU what is its own', () => {
  stub.set('gpus', 2);
  stub.set('mig.1', 3);
  // The third is a second compute instance of the second GPU instance.
  stub.set('instance.1.2', 2);
  const world = gpuWorld(stub.path);
  world.frame(0);
  const frame = world.frame(1, 2, 3);
  expect(uuids(frame).map(([index, id]) => [index, id.slice(0, 28)])).toEqual([
    [0, 'GPU-00000000-0000-0000-0000-'],
    [1, 'GPU-00000000-0000-0000-0000-'],
    [9, 'MIG-00000000-0000-0000-0000-'],
    [10, 'MIG-00000000-0000-0000-0001-'],
    [11, 'MIG-00000000-0000-0000-0002-'],
  ]);
  expect(gauge(frame, 1, 'gpu_mig_mode')).toBe(1);
  expect(gauge(frame, 1, 'gpu_power_watts')).toBe(351);
  expect(gauge(frame, 1, 'gpu_utilization_ratio')).toBeNaN();
  expect(gauge(frame, 1, 'gpu_sm_active_ratio')).toBeNaN();
  expect(gauge(frame, 9, 'gpu_power_watts')).toBeNaN();
  expect(gauge(frame, 9, 'gpu_memory_used_ratio')).toBeCloseTo(0.8, 6);
  // GPU 1, instances 1 and 2.
  expect(gauge(frame, 9, 'gpu_sm_active_ratio')).toBeCloseTo(0.22, 6);
  expect(gauge(frame, 10, 'gpu_sm_active_ratio')).toBeCloseTo(0.23, 6);
  expect(gauge(frame, 11, 'gpu_sm_active_ratio')).toBeNaN();

  stub.set('mig.1', 0);
  world.frame(4);
  const whole = world.frame(5, 6);
  expect(gauge(whole, 1, 'gpu_mig_mode')).toBe(0);
  expect(gauge(whole, 9, 'gpu_memory_used_ratio')).toBeNaN();
  expect(gauge(whole, 1, 'gpu_sm_active_ratio')).toBeCloseTo(0.21, 6);
});

test('frees what it allocated, and leaves the driver', () => {
  stub.set('mig.0', 2);
  const world = gpuWorld(stub.path);
  world.frame(0, 1);
  world.frame(2, 3);
  expect(stub.open()).toBe(1);
  expect(stub.samplesAlive()).toBeGreaterThan(16);
  world.close();
  expect(stub.open()).toBe(0);
  expect(stub.samplesAlive()).toBe(0);
});

test("counts the time spent in the driver's own calls", () => {
  const world = gpuWorld(stub.path);
  world.frame(0, 1);
  const seconds = world.counters.value('agent_nvml_seconds_total');
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(1);
});
