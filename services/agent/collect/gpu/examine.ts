import { setTimeout as sleep } from 'node:timers/promises';
import { gaugeOrdinal, LAYOUTS } from '#libs/model/catalogue.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { Gathering } from '../../gathering.ts';
import { isLoadable } from '../../nvml/library.ts';
import type { GpuSources } from './gpus.ts';
import { NvmlCollector } from './nvml.ts';
import { findSmi } from './smi.ts';

/** Between two samples of the driver's performance counters must lie 100 ms. */
const BETWEEN_SAMPLES_MS = 200;
const CC_MODE = gaugeOrdinal('gpu', 'gpu_confidential_compute_mode');

/** What can be read of the GPUs of this machine. */
export interface GpuExamination {
  /** What an agent would use; null: no GPU can be read. */
  readonly source: 'nvml' | 'nvidia-smi' | null;
  /** What is there, or why nothing is. */
  readonly detail: string;
  readonly gpus: number;
  /** Metrics that at least one of the GPUs does not give. */
  readonly absent: readonly string[];
  /** The driver hides its performance counters, because confidential computing is on. */
  readonly confidential: boolean;
}

const NOTHING = { gpus: 0, absent: [], confidential: false } as const;

/** Reads the GPUs as an agent would, for a moment; changes nothing. Takes 0.3 s, 40 ms more for each old GPU. */
export async function examineGpus(sources: GpuSources): Promise<GpuExamination> {
  const { nvmlLibrary } = sources;
  if (!isLoadable(nvmlLibrary)) return withoutLibrary(sources);
  const surroundings = { counters: createCounters(), log: createLogger('agent', 'silent') };
  try {
    const nvml = new NvmlCollector(nvmlLibrary, { procRoot: '/proc', sysRoot: '/sys' }, surroundings);
    try {
      return await read(nvml);
    } finally {
      nvml.close();
    }
  } catch (error) {
    if (error instanceof SourceAbsentError) return { source: null, detail: error.message, ...NOTHING };
    throw error;
  }
}

function withoutLibrary({ nvmlLibrary, nvidiaSmi }: GpuSources): GpuExamination {
  const smi = findSmi(nvidiaSmi);
  if (smi === null)
    return { source: null, detail: `neither ${nvmlLibrary} nor ${nvidiaSmi} is here`, ...NOTHING };
  return { source: 'nvidia-smi', detail: `${smi}, because ${nvmlLibrary} cannot be loaded`, ...NOTHING };
}

async function read(nvml: NvmlCollector): Promise<GpuExamination> {
  const gathering = new Gathering();
  nvml.sample(gathering, 0);
  nvml.report(gathering, 0);
  await sleep(BETWEEN_SAMPLES_MS);
  // As many samples as GPUs: PCIe traffic may have to be measured one GPU at a time.
  for (let i = 1; i <= nvml.gpus; i++) nvml.sample(gathering, (i * BETWEEN_SAMPLES_MS) / 1_000);
  const rows = gathering.take().entities.filter(({ kind, id }) => kind === 'gpu' && id.startsWith('GPU-'));
  const absent = LAYOUTS.gpu.gauges
    .filter((column, i) => column.statistic === 'mean' && rows.some(({ gauges }) => Number.isNaN(gauges[i])))
    .map(({ name }) => name);
  const confidential = rows.some(({ gauges }) => gauges[CC_MODE] === 1);
  const detail = `${rows.length} GPU${rows.length === 1 ? '' : 's'} by NVML, driver ${nvml.driverVersion}`;
  return { source: 'nvml', detail, gpus: rows.length, absent, confidential };
}
