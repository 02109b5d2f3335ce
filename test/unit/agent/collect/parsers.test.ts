import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countCpus, groupLabel, parseUsage } from '#services/agent/collect/cgroups.ts';
import { cpuShares, parseStat } from '#services/agent/collect/cpu.ts';
import { parseDiskstats } from '#services/agent/collect/disk.ts';
import { meanHertz } from '#services/agent/collect/frequency.ts';
import { parseLoadavg } from '#services/agent/collect/load.ts';
import { parseMeminfo } from '#services/agent/collect/memory.ts';
import { countedInterfaces, parseNetDev } from '#services/agent/collect/network.ts';
import { wattsOf } from '#services/agent/collect/node-power.ts';
import { parsePressure } from '#services/agent/collect/pressure.ts';
import { energyBetween } from '#services/agent/collect/rapl.ts';
import { hottest } from '#services/agent/collect/thermal.ts';
import { parseNumber } from '#services/agent/kernel-file.ts';
import { CAPTURED_PROC } from '../tree.ts';

const captured = (path: string) => readFileSync(join(CAPTURED_PROC, path), 'latin1');

test('reads CPU times, switches, interrupts and running processes from /proc/stat', () => {
  expect(parseStat(captured('stat'))).toEqual({
    times: {
      user: 86_329,
      nice: 76_204,
      system: 41_468 + 0 + 1_102,
      idle: 352_914,
      iowait: 1_745,
      steal: 218,
    },
    switches: 9_131_462,
    interrupts: 4_573_373,
    running: 9,
  });
});

test('a /proc/stat without its later lines has CPU times and no counts', () => {
  const { times, switches } = parseStat('cpu  10 0 10 80\n');
  expect(times.idle).toBe(80);
  expect(switches).toBeNaN();
});

test('shares of CPU time sum to one, and leave waiting and stolen time out of busy', () => {
  const last = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, steal: 0 };
  const shares = cpuShares(last, { user: 20, nice: 10, system: 10, idle: 40, iowait: 15, steal: 5 });
  expect(shares).toEqual({
    busy: 0.4,
    user: 0.2,
    nice: 0.1,
    system: 0.1,
    idle: 0.4,
    iowait: 0.15,
    steal: 0.05,
  });
});

test('idle ticks that the kernel takes back count as none', () => {
  const last = { user: 0, nice: 0, system: 0, idle: 50, iowait: 9, steal: 0 };
  expect(cpuShares(last, { ...last, user: 10, idle: 48, iowait: 8 }).busy).toBe(1);
});

test('without a tick between two readings there are no shares', () => {
  const times = { user: 1, nice: 1, system: 1, idle: 1, iowait: 1, steal: 1 };
  expect(cpuShares(times, times).busy).toBeNaN();
});

test('reads total and available memory from /proc/meminfo', () => {
  expect(parseMeminfo(captured('meminfo'))).toEqual({
    totalBytes: 24_684_092 * 1024,
    availableBytes: 21_658_884 * 1024,
  });
  expect(parseMeminfo('').availableBytes).toBeNaN();
});

test('sums sectors of 512 bytes over physical disks only', () => {
  const all = parseDiskstats(captured('diskstats'), (name) => name === 'vda');
  expect(all).toEqual({ readBytes: 21_096_338 * 512, writeBytes: 46_280_528 * 512 });
  expect(parseDiskstats(captured('diskstats'), () => false)).toEqual({ readBytes: 0, writeBytes: 0 });
});

test('reads every interface of /proc/net/dev, also where the number touches the colon', () => {
  const all = parseNetDev(captured('net/dev'));
  expect(all.map(({ name }) => name)).toEqual(['lo', 'ifb0', 'ifb1', 'eth0']);
  expect(all[3]).toEqual({ name: 'eth0', receiveBytes: 1_528_909_205, transmitBytes: 4_694_730 });
  const tight = parseNetDev('\n\neth0:123 0 0 0 0 0 0 0 456 0 0 0 0 0 0 0\n');
  expect(tight).toEqual([{ name: 'eth0', receiveBytes: 123, transmitBytes: 456 }]);
});

test('counts physical interfaces, and in a container those that are not virtual by name', () => {
  const named = ['lo', 'eth0', 'docker0', 'bond0'].map((name) => ({
    name,
    receiveBytes: 1,
    transmitBytes: 1,
  }));
  const names = (physical: (name: string) => boolean) =>
    countedInterfaces(named, physical).map(({ name }) => name);
  expect(names((name) => name === 'eth0')).toEqual(['eth0']);
  expect(names(() => false)).toEqual(['eth0']);
});

test('reads load and pressure', () => {
  expect(parseLoadavg(captured('loadavg'))).toBe(5.45);
  expect(parsePressure(captured('pressure/cpu'))).toBe(632.089605);
  expect(parsePressure('')).toBeNaN();
});

test('undoes the wrap of an energy counter', () => {
  const cases: [last: number, now: number, joules: number][] = [
    [1_000_000, 3_500_000, 2.5],
    // Range 10 J: from 9 J over the top to 1 J.
    [9_000_000, 1_000_000, 2],
    [5_000_000, 5_000_000, 0],
  ];
  for (const [last, now, joules] of cases) expect(energyBetween(last, now, 10_000_000)).toBe(joules);
  expect(energyBetween(Number.NaN, 1, 10)).toBeNaN();
});

test('a power meter without a reading is absent, not zero', () => {
  expect(wattsOf(412_500_000)).toBe(412.5);
  expect(wattsOf(0)).toBeNaN();
});

test('takes the hottest sensor and the mean frequency', () => {
  expect(hottest([41_000, 63_500, Number.NaN])).toBe(63.5);
  expect(hottest([])).toBeNaN();
  expect(meanHertz([2_000_000, 3_000_000])).toBe(2.5e9);
});

test('counts the CPUs of a list', () => {
  const cases: [list: string, cpus: number][] = [
    ['0', 1],
    ['0-3', 4],
    ['0-3,8,10-11', 7],
  ];
  for (const [list, cpus] of cases) expect(countCpus(list)).toBe(cpus);
});

test('names a group by its last two parts, ids of containers cut short', () => {
  const id = '0123456789abcdef'.repeat(4);
  const cases: [path: string, label: string][] = [
    ['/system.slice/sshd.service', 'system.slice/sshd.service'],
    [`/system.slice/docker-${id}.scope`, 'system.slice/docker-0123456789ab.scope'],
    [
      `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`,
      'kubepods-pod1.slice/cri-containerd-0123456789ab.scope',
    ],
    ['/job_7', 'job_7'],
    ['/slurm/uid_1000/job_7/step_0', 'job_7/step_0'],
    ['/system.slice/slurmstepd.scope/job_7/step_0/user/task_1', 'job_7/task_1'],
    ['/pbs_jobs.service/jobid/7.head', 'jobid/7.head'],
  ];
  for (const [path, label] of cases) expect(groupLabel(path)).toBe(label);
});

test('reads CPU seconds of a group, and numbers that are none', () => {
  expect(parseUsage('usage_usec 1500000\nuser_usec 1000000\n')).toBe(1.5);
  expect(parseNumber('max\n')).toBeNaN();
  expect(parseNumber('\n')).toBeNaN();
  expect(parseNumber('42\n')).toBe(42);
});
