import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { type Counters, createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { hostCollectors } from '#services/agent/collect/all.ts';
import { CollectorSet } from '#services/agent/collector-set.ts';
import { type Gathered, Gathering } from '#services/agent/gathering.ts';
import { CAPTURED_PROC, plant, temporaryFolder } from '../tree.ts';

interface World {
  readonly sysRoot: string;
  readonly counters: Counters;
  readonly set: CollectorSet;
  readonly gathering: Gathering;
}

/** A machine with the captured /proc and the /sys given. */
function world(sys: Readonly<Record<string, string>>, procRoot = CAPTURED_PROC): World {
  const sysRoot = temporaryFolder();
  mkdirSync(join(sysRoot, 'block'), { recursive: true });
  plant(sysRoot, sys);
  const counters = createCounters();
  const surroundings = { counters, log: createLogger('agent', 'silent') };
  const specs = hostCollectors({ longLivedSeconds: 600, secret: Buffer.alloc(32) }, () => 7);
  return {
    sysRoot,
    counters,
    set: new CollectorSet(specs, { procRoot, sysRoot }, surroundings),
    gathering: new Gathering(),
  };
}

function sample({ set, gathering }: World, atSeconds: number): void {
  set.sample(gathering, atSeconds);
  gathering.sampled();
}

function finish({ set, gathering }: World, atSeconds: number): Gathered {
  set.finish(gathering, atSeconds);
  return gathering.take();
}

const gauge = ({ entities }: Gathered, name: string) => entities[0]?.gauges[gaugeOrdinal('host', name)];
const counter = ({ entities }: Gathered, name: string) => entities[0]?.counters[counterOrdinal('host', name)];

const RAPL = {
  'class/powercap/intel-rapl:0/name': 'package-0\n',
  'class/powercap/intel-rapl:0/energy_uj': '9000000\n',
  'class/powercap/intel-rapl:0/max_energy_range_uj': '10000000\n',
  'class/powercap/intel-rapl:0:0/name': 'dram\n',
  'class/powercap/intel-rapl:0:0/energy_uj': '1000000\n',
  'class/powercap/intel-rapl:0:0/max_energy_range_uj': '10000000\n',
  'class/powercap/intel-rapl:1/name': 'psys\n',
};

test('a source that the machine does not have is absent, never zero', () => {
  const w = world({});
  sample(w, 0);
  sample(w, 1);
  const frame = finish(w, 1);
  for (const name of [
    'cpu_power_watts',
    'node_power_watts',
    'cpu_temperature_celsius',
    'fabric_receive_bytes_per_second',
  ]) {
    expect(gauge(frame, name), name).toBeNaN();
  }
  expect(gauge(frame, 'memory_used_ratio')).toBeCloseTo(0.1226, 4);
  expect(w.counters.value('agent_source_present', { source: 'rapl' })).toBe(0);
  expect(w.counters.value('agent_source_failures_total', { source: 'rapl' })).toBe(0);
});

test('power is energy over time, and the wrap of the counter is undone', () => {
  const w = world(RAPL);
  sample(w, 10);
  writeFileSync(join(w.sysRoot, 'class/powercap/intel-rapl:0/energy_uj'), '1000000\n');
  writeFileSync(join(w.sysRoot, 'class/powercap/intel-rapl:0:0/energy_uj'), '1500000\n');
  sample(w, 12);
  const frame = finish(w, 12);
  expect(gauge(frame, 'cpu_power_watts')).toBe(1);
  expect(gauge(frame, 'memory_power_watts')).toBe(0.25);
  expect(counter(frame, 'cpu_energy_joules_total')).toBe(2);
});

test('reads temperature, frequency, node power and fabric where they are', () => {
  const w = world({
    'class/hwmon/hwmon0/name': 'k10temp\n',
    'class/hwmon/hwmon0/temp1_input': '61250\n',
    'class/hwmon/hwmon1/name': 'power_meter\n',
    'class/hwmon/hwmon1/power1_average': '650000000\n',
    'devices/system/cpu/cpufreq/policy0/scaling_cur_freq': '3000000\n',
    'devices/system/cpu/cpufreq/policy1/scaling_cur_freq': '2000000\n',
    'class/infiniband/mlx5_0/ports/1/counters/port_rcv_data': '1000\n',
    'class/infiniband/mlx5_0/ports/1/counters/port_xmit_data': '500\n',
  });
  sample(w, 0);
  writeFileSync(join(w.sysRoot, 'class/infiniband/mlx5_0/ports/1/counters/port_rcv_data'), '1250\n');
  sample(w, 1);
  const frame = finish(w, 1);
  expect(gauge(frame, 'cpu_temperature_celsius')).toBe(61.25);
  expect(gauge(frame, 'node_power_watts')).toBe(650);
  expect(gauge(frame, 'cpu_frequency_hertz')).toBe(2.5e9);
  expect(gauge(frame, 'fabric_receive_bytes_per_second')).toBe(1000);
  expect(gauge(frame, 'fabric_transmit_bytes_per_second')).toBe(0);
});

test('traffic and transfers are counted from physical devices', () => {
  const w = world({ 'block/vda/device/x': '', 'block/loop0/size': '0', 'class/net/eth0/device/x': '' });
  sample(w, 0);
  const frame = finish(w, 0);
  expect(counter(frame, 'disk_read_bytes_total')).toBe(21_096_338 * 512);
  expect(counter(frame, 'network_receive_bytes_total')).toBe(1_528_909_205);
  expect(counter(frame, 'agent_frames_dropped_total')).toBe(7);
});

test('a source that breaks is counted once and absent, the others go on, and it is tried again', () => {
  const w = world(RAPL);
  // A folder where a file is expected: neither absent nor readable.
  plant(w.sysRoot, { 'class/powercap/intel-rapl:2/name/x': '' });
  sample(w, 0);
  sample(w, 1);
  const frame = finish(w, 1);
  expect(gauge(frame, 'cpu_power_watts')).toBeNaN();
  expect(gauge(frame, 'memory_used_ratio')).toBeCloseTo(0.1226, 4);
  expect(w.counters.value('agent_source_failures_total', { source: 'rapl' })).toBe(1);

  rmSync(join(w.sysRoot, 'class/powercap/intel-rapl:2'), { recursive: true });
  sample(w, 61);
  expect(w.counters.value('agent_source_present', { source: 'rapl' })).toBe(1);
});

test('work groups are named with their share of all CPUs, the busiest first, those of persons unopened', () => {
  const cgroup = (path: string, usec: number, bytes: string) => ({
    [`fs/cgroup/${path}/cpu.stat`]: `usage_usec ${usec}\n`,
    [`fs/cgroup/${path}/memory.current`]: `${bytes}\n`,
  });
  const groups = (usec: number) => ({
    ...cgroup('system.slice/a.service', usec, '1000'),
    ...cgroup('system.slice/b.service', 4 * usec, 'max'),
    ...cgroup('user.slice/user-1000.slice/app-firefox.scope', usec, '5'),
    ...cgroup('user.slice/user-1000.slice', usec, '9'),
    ...cgroup('idle.slice', 0, '1'),
  });
  const w = world({
    'fs/cgroup/cgroup.controllers': 'cpu memory\n',
    'devices/system/cpu/online': '0-1\n',
    ...groups(0),
  });
  finish(w, 0);
  plant(w.sysRoot, groups(1_000_000));
  const { groups: found } = finish(w, 10);
  const noGpu = { gpuUtilizationRatio: 0, gpuMemoryBytes: 0 };
  expect(found).toEqual([
    { label: 'system.slice/b.service', cpuUtilizationRatio: 0.2, memoryBytes: Number.NaN, ...noGpu },
    { label: 'system.slice/a.service', cpuUtilizationRatio: 0.05, memoryBytes: 1000, ...noGpu },
    { label: 'user.slice/user-1000.slice', cpuUtilizationRatio: 0.05, memoryBytes: 9, ...noGpu },
  ]);
});
