import { readFileSync } from 'node:fs';
import type { GpuWork } from '../../gathering.ts';
import type { ProcessWork } from './gpu-processes.ts';

const NONE: GpuWork = { gpuMemoryBytes: 0, gpuUtilizationRatio: 0 };

/**
 * Adds processes up by cgroup. Processes that are gone, or that this namespace does not see, are left out.
 * @param work by process. @param gpus how many GPUs there are.
 * @returns by path below the root of the hierarchy, e.g. `/system.slice/train.service`.
 */
export function groupWork(
  work: ReadonlyMap<number, ProcessWork>,
  gpus: number,
  procRoot: string,
): ReadonlyMap<string, GpuWork> {
  const groups = new Map<string, GpuWork>();
  for (const [pid, { memoryBytes, sms }] of work) {
    const path = groupOf(pid, procRoot);
    if (path === null) continue;
    const { gpuMemoryBytes, gpuUtilizationRatio } = groups.get(path) ?? NONE;
    groups.set(path, {
      gpuMemoryBytes: gpuMemoryBytes + memoryBytes,
      gpuUtilizationRatio: Math.min(1, gpuUtilizationRatio + sms / gpus),
    });
  }
  return groups;
}

function groupOf(pid: number, procRoot: string): string | null {
  try {
    return parseCgroup(readFileSync(`${procRoot}/${pid}/cgroup`, 'latin1'));
  } catch (error) {
    // Gone meanwhile, or not ours to see.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return null;
    throw error;
  }
}

/**
 * The group in a `/proc/<pid>/cgroup`: that of version 2, or of version 1's memory controller. What runs below a
 * person's session counts as that person's slice; null: in the root group.
 */
export function parseCgroup(text: string): string | null {
  const path = /^0::(\/.+)$/m.exec(text)?.[1] ?? /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.+)$/m.exec(text)?.[1];
  return path?.replace(/(\/user-\d+\.slice)\/.*$/, '$1') ?? null;
}
