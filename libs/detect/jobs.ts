import type { WorkGroup } from '#libs/model/frame.ts';

/**
 * What a scheduler calls a job in the cgroups that it makes: Slurm `job_123` (its cgroup plugin, documentation
 * `cgroup_v2`), PBS `jobid/123.server`. A pod's or a container's name is that of one machine, and no job's.
 */
const SCHEDULED = /(?:^|\/)(job_\d+|jobid\/[^/]+)(?:\/|$)/;
/** Between the names of jobs that share a node. */
const BETWEEN = '+';

/**
 * The jobs that work on a node: those with a process on its GPUs, and where no group has one, all of them.
 * @returns their names in order, joined; '' where no scheduler's name is among them
 */
export function jobOf(groups: readonly WorkGroup[]): string {
  if (groups.length === 0) return '';
  const onGpus = groups.filter(
    ({ gpuMemoryBytes, gpuUtilizationRatio }) => gpuMemoryBytes > 0 || gpuUtilizationRatio > 0,
  );
  const jobs = new Set<string>();
  for (const { label } of onGpus.length > 0 ? onGpus : groups) {
    const job = SCHEDULED.exec(label)?.[1];
    if (job !== undefined) jobs.add(job);
  }
  return [...jobs].sort().join(BETWEEN);
}

/** How a summary names the job of its window: as a group of which only the name is known. */
export function jobGroups(job: string): WorkGroup[] {
  if (job === '') return [];
  return job.split(BETWEEN).map((label) => ({
    label,
    cpuUtilizationRatio: Number.NaN,
    memoryBytes: Number.NaN,
    gpuUtilizationRatio: Number.NaN,
    gpuMemoryBytes: Number.NaN,
  }));
}
