import { afterAll, beforeEach, onTestFinished } from 'vitest';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { type Counters, createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { gpuCollectors } from '#services/agent/collect/gpu/gpus.ts';
import { CollectorSet } from '#services/agent/collector-set.ts';
import { type Gathered, Gathering } from '#services/agent/gathering.ts';
import { loadNvmlStub, type NvmlStub } from '#test/support/nvml-stub.ts';

/** A made-up NVML for the tests of one file; every test begins without settings. */
export function useStub(options: readonly string[] = []): NvmlStub {
  const stub = loadNvmlStub(options);
  beforeEach(() => stub.clear());
  afterAll(() => stub[Symbol.dispose]());
  return stub;
}

export interface GpuWorld {
  readonly counters: Counters;
  readonly gathering: Gathering;
  sample(atSeconds: number): void;
  finish(atSeconds: number): Gathered;
  /** A frame of samples at these times, closed at the last. */
  frame(...atSeconds: readonly number[]): Gathered;
  close(): void;
}

/** Collectors of GPUs as an agent runs them. */
export function gpuWorld(nvmlLibrary: string, nvidiaSmi = '/no/such/program', procRoot = '/proc'): GpuWorld {
  const counters = createCounters();
  const surroundings = { counters, log: createLogger('agent', 'silent') };
  const specs = gpuCollectors({ nvmlLibrary, nvidiaSmi }, surroundings);
  const set = new CollectorSet(specs, { procRoot, sysRoot: '/sys' }, surroundings);
  const gathering = new Gathering();
  onTestFinished(() => set.close());
  const world: GpuWorld = {
    counters,
    gathering,
    sample(atSeconds) {
      set.sample(gathering, atSeconds);
      gathering.sampled();
    },
    finish(atSeconds) {
      set.finish(gathering, atSeconds);
      return gathering.take();
    },
    frame(...times) {
      for (const at of times) world.sample(at);
      return world.finish(times.at(-1) ?? 0);
    },
    close: () => set.close(),
  };
  return world;
}

const rowOf = ({ entities }: Gathered, index: number) =>
  entities.find((row) => row.kind === 'gpu' && row.index === index);

/** A gauge of GPU `index`; undefined: no such GPU, NaN: absent. */
export function gauge(frame: Gathered, index: number, name: string): number | undefined {
  return rowOf(frame, index)?.gauges[gaugeOrdinal('gpu', name)];
}

export function counter(frame: Gathered, index: number, name: string): number | undefined {
  return rowOf(frame, index)?.counters[counterOrdinal('gpu', name)];
}

/** UUIDs by index. */
export function uuids({ entities }: Gathered): readonly (readonly [number, string])[] {
  return entities.filter(({ kind }) => kind === 'gpu').map(({ index, id }) => [index, id]);
}
