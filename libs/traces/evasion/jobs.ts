import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { EntityRow, WorkGroup } from '#libs/model/frame.ts';

/** Name of the scheduler's job that a node says it works on at a time; null: none. */
export type JobAt = (timeMs: number) => string | null;

const CPU = gaugeOrdinal('host', 'cpu_utilization_ratio');
const UTILIZATION = gaugeOrdinal('gpu', 'gpu_utilization_ratio');
const MEMORY = gaugeOrdinal('gpu', 'gpu_memory_used_bytes');

/** What every machine has beside its jobs. */
const SERVICE: WorkGroup = {
  label: 'system.slice/sshd.service',
  cpuUtilizationRatio: 0.001,
  memoryBytes: 2e7,
  gpuUtilizationRatio: 0,
  gpuMemoryBytes: 0,
};

/**
 * The groups that an agent names on a node under a scheduler: its job with all the work there is, whoever does it,
 * and a service of the system. Names can be read at every level, shares only where the rows have them.
 * @param rows of one interval, stripped to what the agent can read
 */
export function workGroups(job: string | null, rows: readonly EntityRow[]): WorkGroup[] {
  if (job === null) return [SERVICE];
  const host = rows.find(({ kind }) => kind === 'host');
  const gpus = rows.filter(({ kind }) => kind === 'gpu').map(({ gauges }) => gauges);
  const sum = (ordinal: number) => gpus.reduce((total, gauges) => total + (gauges[ordinal] ?? Number.NaN), 0);
  return [
    {
      label: `${job}/task_0`,
      cpuUtilizationRatio: host?.gauges[CPU] ?? Number.NaN,
      memoryBytes: Number.NaN,
      gpuUtilizationRatio: sum(UTILIZATION) / Math.max(1, gpus.length),
      gpuMemoryBytes: sum(MEMORY),
    },
    SERVICE,
  ];
}
