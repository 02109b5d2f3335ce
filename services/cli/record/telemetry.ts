import { randomBytes } from 'node:crypto';
import type { EntityRow } from '#libs/model/frame.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { examineSources } from '#services/agent/app.ts';
import { nodeCollectors } from '#services/agent/collect/all.ts';
import { type GpuSources, gpuCollectors } from '#services/agent/collect/gpu/gpus.ts';
import { CollectorSet } from '#services/agent/collector-set.ts';
import { Sampler } from '#services/agent/sampler.ts';
import { type FlowBytes, openConnections } from './connections.ts';

export interface Sample {
  /** Device time, Unix ms: a multiple of the sampling period. */
  readonly endMs: number;
  readonly entities: readonly EntityRow[];
  readonly flows: readonly FlowBytes[];
}

const ROOTS = { procRoot: '/proc', sysRoot: '/sys' };
/** As an agent by default. */
const LONG_LIVED_SECONDS = 600;

/**
 * Reads this machine as an agent does, a sample at every multiple of the period of the wall clock. Above 1 Hz it
 * reads the GPUs alone: the kernel's own accounts of a host are too coarse for it.
 * @param hz 1 to 10, a divisor of 1000
 * @throws SourceAbsentError above 1 Hz where NVML cannot be had
 */
export async function watchMachine(
  hz: number,
  gpus: GpuSources,
  take: (sample: Sample) => void,
): Promise<Disposable> {
  if (hz > 1) await requireNvml(hz, gpus);
  const surroundings = { counters: createCounters(), log: createLogger('record', 'silent') };
  const flowSettings = { longLivedSeconds: LONG_LIVED_SECONDS, secret: randomBytes(32) };
  const sources =
    hz > 1
      ? gpuCollectors(gpus, surroundings)
      : nodeCollectors({ ...flowSettings, ...gpus }, () => 0, surroundings);
  const periodMs = 1000 / hz;
  const connections = hz > 1 ? null : connectionsIfAny();
  connections?.look();
  const sampler = new Sampler(
    { sampleMs: periodMs, intervalMs: periodMs },
    new CollectorSet(sources, ROOTS, surroundings),
    // The last closes when it is stopped, in the middle of a period.
    ({ entities }, endMs, last) => last || take({ endMs, entities, flows: connections?.look() ?? [] }),
  );
  sampler.start();
  return {
    [Symbol.dispose]() {
      sampler.stop();
      connections?.close();
    },
  };
}

async function requireNvml(hz: number, gpus: GpuSources): Promise<void> {
  const { source, detail } = await examineSources(gpus);
  if (source !== 'nvml')
    throw new SourceAbsentError(
      `--hz ${hz}: expected GPUs by NVML, got: ${detail}; without it a host is recorded at 1 Hz`,
    );
}

function connectionsIfAny(): ReturnType<typeof openConnections> | null {
  try {
    return openConnections();
  } catch (error) {
    if (error instanceof SourceAbsentError) return null;
    throw error;
  }
}
