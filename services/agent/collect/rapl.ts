import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { entriesOf } from '../folders.ts';
import { KernelFile, parseNumber, readText } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';

const CPU_POWER = gaugeOrdinal('host', 'cpu_power_watts');
const MEMORY_POWER = gaugeOrdinal('host', 'memory_power_watts');
const CPU_ENERGY = counterOrdinal('host', 'cpu_energy_joules_total');

export const rapl: CollectorSpec = { name: 'rapl', pace: 'sample', open: openRapl };

/** Needs root since CVE-2020-8694. A sum over some of the packages would mislead: all of them or none. */
function openRapl({ sysRoot }: Roots): Collector {
  const zones = entriesOf(`${sysRoot}/class/powercap`).filter((path) => /intel-rapl(:\d+)+$/.test(path));
  const packages = openZones(zones, /^package-\d+$/);
  if (packages.length === 0)
    throw new SourceAbsentError(`${sysRoot}: expected RAPL packages (class/powercap)`);
  const memories = openZones(zones, /^dram$/);
  let packageJoules = 0;
  return {
    sample({ host }, atSeconds) {
      const cpu = sumZones(packages, atSeconds);
      packageJoules += Number.isNaN(cpu.joules) ? 0 : cpu.joules;
      host.gauge(CPU_POWER, cpu.watts);
      host.counter(CPU_ENERGY, packageJoules);
      if (memories.length > 0) host.gauge(MEMORY_POWER, sumZones(memories, atSeconds).watts);
    },
    close() {
      for (const zone of [...packages, ...memories]) zone.close();
    },
  };
}

/**
 * Energy between two readings of a counter that wraps, µJ in and J out.
 * @param rangeMicroJoules the value after which the counter begins at zero again (`max_energy_range_uj`).
 */
export function energyBetween(
  lastMicroJoules: number,
  nowMicroJoules: number,
  rangeMicroJoules: number,
): number {
  const grown = nowMicroJoules - lastMicroJoules;
  return (grown >= 0 ? grown : grown + rangeMicroJoules) / 1e6;
}

class Zone {
  readonly #file: KernelFile;
  readonly #range: number;
  #last = Number.NaN;
  #atSeconds = Number.NaN;

  constructor(folder: string) {
    this.#file = new KernelFile(`${folder}/energy_uj`);
    this.#range = parseNumber(readText(`${folder}/max_energy_range_uj`));
  }

  /** Since the last call; NaN at first. */
  since(atSeconds: number): { readonly joules: number; readonly watts: number } {
    const now = this.#file.readNumber();
    const joules = energyBetween(this.#last, now, this.#range);
    const watts = joules / (atSeconds - this.#atSeconds);
    this.#last = now;
    this.#atSeconds = atSeconds;
    return { joules, watts };
  }

  close(): void {
    this.#file.close();
  }
}

function openZones(folders: readonly string[], name: RegExp): readonly Zone[] {
  return folders.filter((folder) => name.test(readText(`${folder}/name`))).map((folder) => new Zone(folder));
}

function sumZones(
  zones: readonly Zone[],
  atSeconds: number,
): { readonly joules: number; readonly watts: number } {
  let joules = 0;
  let watts = 0;
  for (const zone of zones) {
    const since = zone.since(atSeconds);
    joules += since.joules;
    watts += since.watts;
  }
  return { joules, watts };
}
