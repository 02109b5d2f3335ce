import { existsSync, readdirSync } from 'node:fs';
import type { WorkGroup } from '#libs/model/frame.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import type { GpuWork } from '../gathering.ts';
import { parseNumber, readText } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';
import { Rate } from './rate.ts';

/** Groups a frame names, those with the most CPU time first; and so many more that work on GPUs. */
const GROUPS_KEPT = 8;
/** Bounds the work on machines with thousands of groups: breadth first, the rest is left out. */
const GROUPS_READ = 256;
const LABEL_LENGTH = 64;
const NO_GPU_WORK: GpuWork = { gpuMemoryBytes: 0, gpuUtilizationRatio: 0 };

export const cgroups: CollectorSpec = { name: 'cgroups', pace: 'frame', open: openCgroups };

function openCgroups({ sysRoot }: Roots): Collector {
  // Unified, or beside the controllers of version 1 (hybrid), where only CPU time is accounted.
  const root = [`${sysRoot}/fs/cgroup`, `${sysRoot}/fs/cgroup/unified`].find((path) =>
    existsSync(`${path}/cgroup.controllers`),
  );
  if (root === undefined) throw new SourceAbsentError(`${sysRoot}/fs/cgroup: expected a cgroup2 hierarchy`);
  const cpus = countCpus(readText(`${sysRoot}/devices/system/cpu/online`));
  let rates = new Map<string, Rate>();
  return {
    sample(gathering, atSeconds) {
      const seen = new Map<string, Rate>();
      const onGpus = [...gathering.gpuWork.keys()].slice(0, GROUPS_KEPT).map((path) => root + path);
      const ratios = new Map<string, number>();
      for (const path of new Set([...onGpus, ...leaves(root)])) {
        const rate = rates.get(path) ?? new Rate();
        seen.set(path, rate);
        ratios.set(path, Math.min(1, rate.per(cpuSeconds(path), atSeconds) / cpus));
      }
      rates = seen;
      const busy = [...ratios]
        .filter(([, ratio]) => ratio > 0)
        .sort(([, a], [, b]) => b - a)
        .slice(0, GROUPS_KEPT)
        .map(([path]) => path);
      gathering.groups = [...new Set([...busy, ...onGpus])].map((path) =>
        workGroup(root, path, ratios.get(path) ?? Number.NaN, gathering.gpuWork.get(path.slice(root.length))),
      );
    },
    close: () => rates.clear(),
  };
}

/** `0-3,8` → 5: the format of CPU lists in sysfs. */
export function countCpus(list: string): number {
  return list.split(',').reduce((count, range) => {
    const [from = '', to = from] = range.split('-');
    return count + Number(to) - Number(from) + 1;
  }, 0);
}

/**
 * What a group is called in a frame: its last two names, container ids cut to 12 digits. Of a scheduler's job the
 * job's name and the last: steps and tasks are nested deeper, and the job is what nodes have in common.
 * `/system.slice/docker-<64 hex>.scope` → `system.slice/docker-0123456789ab.scope`,
 * `/system.slice/slurmstepd.scope/job_7/step_0/user/task_1` → `job_7/task_1`.
 */
export function groupLabel(path: string): string {
  const names = path.split('/').filter((name) => name !== '');
  const job = names.slice(0, -2).findLast((name) => /^job_\d+$/.test(name));
  return (job === undefined ? names.slice(-2) : [job, ...names.slice(-1)])
    .join('/')
    .replace(/([0-9a-f]{12})[0-9a-f]{20,}/g, '$1')
    .slice(-LABEL_LENGTH);
}

/** Groups without groups of their own. What runs below a person's session is that person's, and stays unnamed. */
function leaves(root: string): readonly string[] {
  const found: string[] = [];
  const queue = [root];
  for (let read = 0; read < GROUPS_READ && read < queue.length; read++) {
    const path = queue[read] ?? root;
    const children = isPersonal(path) ? [] : childrenOf(path);
    queue.push(...children);
    if (children.length === 0 && path !== root) found.push(path);
  }
  return found;
}

function isPersonal(path: string): boolean {
  return /\/user-\d+\.slice$/.test(path);
}

function childrenOf(path: string): readonly string[] {
  return unlessGone([], () =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${path}/${entry.name}`),
  );
}

function cpuSeconds(path: string): number {
  return unlessGone(Number.NaN, () => parseUsage(readText(`${path}/cpu.stat`)));
}

/** CPU seconds of a `cpu.stat`; NaN: not there. */
export function parseUsage(text: string): number {
  return Number(/^usage_usec (\d+)/m.exec(text)?.[1] ?? Number.NaN) / 1e6;
}

function workGroup(
  root: string,
  path: string,
  cpuUtilizationRatio: number,
  gpuWork: GpuWork = NO_GPU_WORK,
): WorkGroup {
  const memoryBytes = unlessGone(Number.NaN, () => parseNumber(readText(`${path}/memory.current`)));
  return { label: groupLabel(path.slice(root.length)), cpuUtilizationRatio, memoryBytes, ...gpuWork };
}

/** A group may go while it is read: ENOENT before it is opened, ENODEV after. */
function unlessGone<T>(absent: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return absent;
    throw error;
  }
}
