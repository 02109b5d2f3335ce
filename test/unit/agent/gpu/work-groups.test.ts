import { expect, test } from 'vitest';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { nodeCollectors } from '#services/agent/collect/all.ts';
import { parseCgroup } from '#services/agent/collect/gpu/group-work.ts';
import { CollectorSet } from '#services/agent/collector-set.ts';
import { Gathering } from '#services/agent/gathering.ts';
import { CAPTURED_PROC, plant, temporaryFolder } from '../tree.ts';
import { gauge, useStub } from './world.ts';

const stub = useStub();

test.each([
  // text of /proc/<pid>/cgroup, group
  ['0::/system.slice/train.service\n', '/system.slice/train.service'],
  ['0::/user.slice/user-1000.slice/session-2.scope\n', '/user.slice/user-1000.slice'],
  ['0::/\n', null],
  ['12:memory:/docker/0123\n1:name=systemd:/docker/0123\n0::/\n', '/docker/0123'],
  ['4:cpu,memory:/a/b\n', '/a/b'],
  ['0::/../kubepods.slice/cri-containerd-1.scope\n', '/../kubepods.slice/cri-containerd-1.scope'],
  ['', null],
])('finds the group in %j', (text, group) => {
  expect(parseCgroup(text)).toBe(group);
});

function node(procRoot: string, sysRoot: string) {
  const surroundings = { counters: createCounters(), log: createLogger('agent', 'silent') };
  const settings = {
    longLivedSeconds: 600,
    secret: Buffer.alloc(32),
    nvmlLibrary: stub.path,
    nvidiaSmi: '/no',
  };
  const set = new CollectorSet(
    nodeCollectors(settings, () => 0, surroundings),
    { procRoot, sysRoot },
    surroundings,
  );
  return { set, gathering: new Gathering() };
}

test('names the groups that work on GPUs, busy on CPUs or not', () => {
  const [procRoot, sysRoot] = [temporaryFolder(), temporaryFolder()];
  const groups = (usec: number) => ({
    'fs/cgroup/system.slice/train.service/cpu.stat': `usage_usec ${usec}\n`,
    'fs/cgroup/system.slice/train.service/memory.current': '1000\n',
    'fs/cgroup/system.slice/miner.service/cpu.stat': 'usage_usec 5\n',
    'fs/cgroup/system.slice/miner.service/memory.current': '10\n',
    'fs/cgroup/system.slice/idle.service/cpu.stat': 'usage_usec 5\n',
  });
  plant(sysRoot, {
    'fs/cgroup/cgroup.controllers': 'cpu memory\n',
    'devices/system/cpu/online': '0-1\n',
    ...groups(0),
  });
  plant(procRoot, {
    '11/cgroup': '0::/system.slice/train.service\n',
    '12/cgroup': '0::/system.slice/train.service\n',
    '13/cgroup': '0::/system.slice/miner.service\n',
  });
  stub.set('gpus', 2);
  stub.set('processes.0', 2);
  stub.set('pid.0.0', 11);
  stub.set('pid.0.1', 12);
  stub.set('process_sm.0.0', 60);
  stub.set('process_sm.0.1', 20);
  stub.set('pid.1', 13);
  stub.set('process_sm.1', 100);
  const { set, gathering } = node(procRoot, sysRoot);
  set.finish(gathering, 0);
  gathering.take();
  plant(sysRoot, groups(1_000_000));
  set.finish(gathering, 10);
  expect(gathering.take().groups).toEqual([
    {
      label: 'system.slice/train.service',
      cpuUtilizationRatio: 0.05,
      memoryBytes: 1000,
      gpuUtilizationRatio: 0.4,
      gpuMemoryBytes: 2 * 2 ** 32,
    },
    {
      label: 'system.slice/miner.service',
      cpuUtilizationRatio: 0,
      memoryBytes: 10,
      gpuUtilizationRatio: 0.5,
      gpuMemoryBytes: 2 ** 32,
    },
  ]);
  set.close();
});

test.each([16, 24, 32])('reads entries of %d bytes, which drivers have had under one name', (width) => {
  const procRoot = temporaryFolder();
  plant(procRoot, Object.fromEntries([1, 2, 3].map((pid) => [`${pid}/cgroup`, `0::/${pid}.slice\n`])));
  stub.set('gpus', 1);
  stub.set('processes', 3);
  stub.set('process_width', width);
  for (const i of [0, 1, 2]) {
    stub.set(`pid.0.${i}`, i + 1);
    stub.set(`process_memory.0.${i}`, (i + 1) * 2 ** 30);
  }
  const { set, gathering } = node(procRoot, temporaryFolder());
  set.finish(gathering, 0);
  const memory = [...gathering.gpuWork].map(([path, { gpuMemoryBytes }]) => [path, gpuMemoryBytes / 2 ** 30]);
  expect(memory).toEqual([
    ['/1.slice', 1],
    ['/2.slice', 2],
    ['/3.slice', 3],
  ]);
  set.close();
});

test('makes room for many processes, and counts memory that the driver does not tell as unknown', () => {
  const procRoot = temporaryFolder();
  plant(procRoot, { '7/cgroup': '0::/many.slice\n' });
  stub.set('gpus', 1);
  stub.set('processes', 1_000);
  stub.set('pid', 7);
  stub.set('process_memory', 2 ** 63);
  const { set, gathering } = node(procRoot, temporaryFolder());
  set.sample(gathering, 0);
  set.finish(gathering, 0);
  expect([...gathering.gpuWork.keys()]).toEqual(['/many.slice']);
  expect(gathering.gpuWork.get('/many.slice')?.gpuMemoryBytes).toBeNaN();
  expect(gauge(gathering.take(), 0, 'gpu_processes')).toBe(1_000);
  set.close();
});

test('has no work on GPUs where processes cannot be seen', () => {
  stub.set('error.nvmlDeviceGetComputeRunningProcesses_v2', 4);
  const { set, gathering } = node(CAPTURED_PROC, temporaryFolder());
  set.finish(gathering, 0);
  expect(gathering.gpuWork.size).toBe(0);
  expect(gauge(gathering.take(), 0, 'gpu_processes')).toBeNaN();
  set.close();
});
