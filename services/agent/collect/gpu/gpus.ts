import type { Surroundings } from '#libs/runtime/app.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { isLoadable } from '../../nvml/library.ts';
import type { CollectorSpec } from '../collector.ts';
import { NvmlCollector } from './nvml.ts';
import { openSmi } from './smi.ts';

export interface GpuSources {
  /** Name or path of NVML's library. */
  readonly nvmlLibrary: string;
  /** Name or path of the program to use where that library cannot be loaded. */
  readonly nvidiaSmi: string;
}

/** NVIDIA GPUs: by NVML, and by `nvidia-smi` only where NVML's library cannot be loaded. */
export function gpuCollectors(
  { nvmlLibrary, nvidiaSmi }: GpuSources,
  surroundings: Pick<Surroundings, 'counters' | 'log'>,
): readonly CollectorSpec[] {
  return [
    {
      name: 'nvml',
      pace: 'sample',
      open: (roots) => new NvmlCollector(nvmlLibrary, roots, surroundings),
    },
    {
      name: 'nvidia_smi',
      pace: 'sample',
      open: () => {
        if (!isLoadable(nvmlLibrary)) return openSmi(nvidiaSmi, surroundings);
        throw new SourceAbsentError(`${nvidiaSmi}: not used, because ${nvmlLibrary} is there`);
      },
    },
  ];
}
