import { expect, test } from 'vitest';
import { counter, gauge, gpuWorld, useStub, uuids } from './world.ts';

const stub = useStub();

test.each([
  // call, gauge, status
  ['nvmlDeviceGetPowerUsage', 'gpu_power_watts', 3],
  ['nvmlDeviceGetUtilizationRates', 'gpu_utilization_ratio', 4],
  ['nvmlDeviceGetClockInfo', 'gpu_sm_clock_hertz', 999],
  ['nvmlDeviceGetCurrentClocksEventReasons', 'gpu_clocks_event_power_cap_ratio', 3],
  ['nvmlGpmSampleGet', 'gpu_sm_active_ratio', 4],
  ['nvmlGpmMetricsGet', 'gpu_sm_active_ratio', 999],
  ['nvmlGpmQueryDeviceSupport', 'gpu_sm_active_ratio', 3],
  ['nvmlDeviceGetEnforcedPowerLimit', 'gpu_power_limit_watts', 3],
  ['nvmlDeviceGetApplicationsClock', 'gpu_sm_clock_application_hertz', 26],
  ['nvmlDeviceGetMigMode', 'gpu_mig_mode', 3],
  ['nvmlDeviceGetComputeMode', 'gpu_compute_mode', 3],
  ['nvmlDeviceGetFieldValues', 'gpu_memory_temperature_celsius', 999],
  ['nvmlSystemGetConfComputeState', 'gpu_confidential_compute_mode', 3],
  ['nvmlDeviceGetComputeRunningProcesses_v2', 'gpu_processes', 4],
])('%s failing leaves its value out, of that GPU alone', (call, name, status) => {
  stub.set(call.startsWith('nvmlSystem') ? `error.${call}` : `error.${call}.1`, status);
  const world = gpuWorld(stub.path);
  const frame = world.frame(0, 1, 2);
  expect(gauge(frame, 1, name)).toBeNaN();
  if (!call.startsWith('nvmlSystem')) expect(gauge(frame, 0, name)).not.toBeNaN();
  expect(gauge(frame, 1, 'gpu_temperature_celsius')).toBe(61);
  expect(world.counters.value('agent_source_failures_total', { source: 'nvml' })).toBe(0);
});

test('falls back to the older call where the newer one fails', () => {
  stub.set('error.nvmlDeviceGetMemoryInfo_v2', 25);
  stub.set('error.nvmlDeviceGetTemperatureV', 3);
  stub.set('error.field83', 3);
  // Not offered by this GPU.
  stub.set('error.nvmlDeviceGetTotalEnergyConsumption.1', 3);
  const frame = gpuWorld(stub.path).frame(0);
  expect(gauge(frame, 0, 'gpu_memory_used_ratio')).toBeCloseTo(0.1, 6);
  expect(gauge(frame, 0, 'gpu_temperature_celsius')).toBe(60);
  expect(counter(frame, 1, 'gpu_energy_joules_total')).toBeNaN();
});

test('counts a failed call once a minute, not at every sample, and takes it up again', () => {
  stub.set('error.nvmlDeviceGetPowerUsage.0', 4);
  const world = gpuWorld(stub.path);
  const labels = { call: 'nvmlDeviceGetPowerUsage', status: 'NO_PERMISSION' };
  world.frame(0, 1, 2, 59);
  expect(world.counters.value('agent_nvml_failures_total', labels)).toBe(1);
  world.frame(60);
  expect(world.counters.value('agent_nvml_failures_total', labels)).toBe(2);
  stub.set('error.nvmlDeviceGetPowerUsage.0', 0);
  expect(gauge(world.frame(119), 0, 'gpu_power_watts')).toBeNaN();
  expect(gauge(world.frame(120), 0, 'gpu_power_watts')).toBe(350);
});

test('leaves out single fields and single metrics of GPM', () => {
  stub.set('error.field82', 3);
  stub.set('error.gpm9', 999);
  stub.set('gpm.2', Number.NaN);
  const frame = gpuWorld(stub.path).frame(0, 1);
  for (const name of [
    'gpu_memory_temperature_celsius',
    'gpu_tensor_imma_active_ratio',
    'gpu_sm_active_ratio',
  ]) {
    expect(gauge(frame, 0, name), name).toBeNaN();
  }
  expect(gauge(frame, 0, 'gpu_nvlink_links')).toBe(18);
  expect(gauge(frame, 0, 'gpu_tensor_hmma_active_ratio')).toBeCloseTo(0.7, 6);
});

test('takes rounding of percents for what it is, and an absurd one as it comes', () => {
  stub.set('gpm.2', 100.4);
  stub.set('gpm.10', 250);
  const frame = gpuWorld(stub.path).frame(0, 1);
  expect(gauge(frame, 0, 'gpu_sm_active_ratio')).toBe(1);
  expect(gauge(frame, 0, 'gpu_dram_active_ratio')).toBe(2.5);
});

test('measures PCIe slowly, one GPU a sample, only where nothing else tells', () => {
  stub.set('gpus', 2);
  stub.set('error.gpm20.0', 3);
  stub.set('error.gpm21.0', 3);
  stub.set('error.field197.0', 3);
  stub.set('error.field198.0', 3);
  const world = gpuWorld(stub.path);
  world.frame(0, 1);
  const begunMs = performance.now();
  const frame = world.frame(2, 3, 4);
  expect(performance.now() - begunMs).toBeLessThan(100);
  expect(gauge(frame, 0, 'gpu_pcie_transmit_bytes_per_second')).toBe(3e6);
  expect(gauge(frame, 0, 'gpu_pcie_receive_bytes_per_second')).toBe(5e6);
  expect(gauge(frame, 1, 'gpu_pcie_transmit_bytes_per_second')).toBe(100 * 2 ** 20);
});

test('goes on with the others when a GPU falls off the bus, and takes it up when it is back', () => {
  stub.set('gpus', 3);
  const world = gpuWorld(stub.path);
  world.frame(0, 1);
  stub.set('lost.1', 1);
  const frame = world.frame(2, 3);
  expect(gauge(frame, 1, 'gpu_power_watts')).toBeNaN();
  expect(gauge(frame, 1, 'gpu_temperature_celsius')).toBeNaN();
  expect(gauge(frame, 0, 'gpu_power_watts')).toBe(350);
  expect(gauge(frame, 2, 'gpu_power_watts')).toBe(352);
  const labels = { call: 'nvmlDeviceGetPowerUsage', status: 'GPU_IS_LOST' };
  expect(world.counters.value('agent_nvml_failures_total', labels)).toBe(1);

  world.frame(70);
  expect(world.counters.value('agent_gpus')).toBe(2);
  stub.set('lost.1', 0);
  world.frame(131);
  const back = world.frame(132, 133);
  expect(gauge(back, 1, 'gpu_power_watts')).toBe(351);
  expect(gauge(back, 1, 'gpu_sm_active_ratio')).toBeCloseTo(0.21, 6);
  expect(uuids(back).map(([index]) => index)).toEqual([0, 1, 2]);
});

test('knows a GPU by its UUID, wherever the driver puts it', () => {
  stub.set('gpus', 2);
  const world = gpuWorld(stub.path);
  world.frame(0);
  // The first was taken out: the driver now counts one, at index 0, which was the second.
  stub.set('gpus', 1);
  stub.set('uuid.0', 1);
  world.frame(61);
  const frame = world.frame(62);
  expect(gauge(frame, 0, 'gpu_power_watts')).toBeNaN();
  expect(gauge(frame, 1, 'gpu_power_watts')).toBe(350);
});

test.each([
  ['UNINITIALIZED', 1],
  ['DRIVER_NOT_LOADED', 9],
  ['LIB_RM_VERSION_MISMATCH', 18],
])('lets go of the driver when it says %s, and begins anew', (_, status) => {
  const world = gpuWorld(stub.path);
  world.frame(0, 1);
  stub.set('error.nvmlDeviceGetPowerUsage', status);
  const frame = world.frame(2, 3);
  expect(gauge(frame, 0, 'gpu_power_watts')).toBeNaN();
  expect(world.counters.value('agent_source_failures_total', { source: 'nvml' })).toBe(1);
  expect(world.counters.value('agent_source_present', { source: 'nvml' })).toBe(0);
  expect(stub.open()).toBe(0);
  expect(stub.samplesAlive()).toBe(0);

  stub.set('error.nvmlDeviceGetPowerUsage', 0);
  expect(gauge(world.frame(63), 0, 'gpu_power_watts')).toBe(350);
  expect(stub.open()).toBe(1);
});

test.each([
  ['the driver is not loaded', 'init', 9],
  ['there is no GPU', 'gpus', 0],
  ['the GPUs may not be counted', 'error.nvmlDeviceGetCount_v2', 4],
])('is absent, not broken, while %s', (_, key, value) => {
  stub.set(key, value);
  const world = gpuWorld(stub.path);
  expect(uuids(world.frame(0, 1))).toEqual([]);
  expect(world.counters.value('agent_source_failures_total', { source: 'nvml' })).toBe(0);
  expect(stub.open()).toBe(0);
});

test('is absent where there is no library', () => {
  const world = gpuWorld('libno-such-library.so');
  expect(uuids(world.frame(0, 1))).toEqual([]);
  expect(world.counters.value('agent_source_failures_total', { source: 'nvml' })).toBe(0);
  expect(world.counters.value('agent_source_present', { source: 'nvml' })).toBe(0);
});

test('loads the library anew after an update of the driver', () => {
  const world = gpuWorld(stub.path);
  world.frame(0, 1);
  stub.set('error.nvmlDeviceGetPowerUsage', 18);
  stub.set('init', 18);
  world.frame(2);
  // The first look finds that the loaded library does not belong to the driver, the second one that of the disk.
  world.frame(63);
  expect(world.counters.value('agent_source_present', { source: 'nvml' })).toBe(0);
  stub.clear();
  expect(gauge(world.frame(124), 0, 'gpu_power_watts')).toBe(350);
  expect(stub.open()).toBe(1);
});
