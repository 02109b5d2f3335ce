import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import process from 'node:process';

/** What a trace was recorded on, as far as it matters for reading it. No name, no address, no serial number. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_bytes: number;
  readonly gpus: readonly string[];
  /** The processor says that it is not the machine's own: power and clocks are then mostly hidden. */
  readonly virtual: boolean;
  readonly kernel: string;
  readonly node: string;
}

export function machineFacts(): MachineFacts {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_bytes: totalmem(),
    gpus: gpuModels(),
    virtual: /^flags\s*:.* hypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')),
    kernel: release(),
    node: process.version,
  };
}

/** One name for all that was recorded on machines of one kind, e.g. `2 cores of AMD EPYC, 8x NVIDIA H100`. */
export function deviceName({ cpu, cores, gpus }: Pick<MachineFacts, 'cpu' | 'cores' | 'gpus'>): string {
  const models = [...Map.groupBy(gpus, (model) => model)].map(([model, own]) => `${own.length}x ${model}`);
  return [`${cores} cores of ${cpu}`, ...models].join(', ');
}

/** As the NVIDIA driver lists them; empty without it. */
function gpuModels(): string[] {
  const root = '/proc/driver/nvidia/gpus';
  try {
    return readdirSync(root).map((gpu) => gpuModel(readFileSync(`${root}/${gpu}/information`, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function gpuModel(information: string): string {
  return /^Model:\s*(.+?)\s*$/m.exec(information)?.[1] ?? 'unknown GPU';
}
