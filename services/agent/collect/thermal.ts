import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { entriesOf } from '../folders.ts';
import { KernelFile, readText } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';

const TEMPERATURE = gaugeOrdinal('host', 'cpu_temperature_celsius');
/** Drivers of sensors inside CPUs: Documentation/hwmon/{coretemp,k10temp}.rst. */
const CPU_DRIVERS = /^(coretemp|k10temp|zenpower|cpu_thermal)$/;
const CPU_ZONES = /^(x86_pkg_temp|cpu[-_]?thermal|cpu.*)$/;

export const thermal: CollectorSpec = { name: 'thermal', pace: 'frame', open: openThermal };

function openThermal(roots: Roots): Collector {
  const files = [...sensorFiles(roots), ...zoneFiles(roots)].map((path) => new KernelFile(path));
  if (files.length === 0)
    throw new SourceAbsentError(
      `${roots.sysRoot}: expected a temperature sensor of a CPU under class/hwmon or class/thermal`,
    );
  return {
    sample: ({ host }) => host.gauge(TEMPERATURE, hottest(files.map((file) => file.readNumber()))),
    close() {
      for (const file of files) file.close();
    },
  };
}

/** The hottest of the sensors, millidegrees in, degrees Celsius out; NaN when none says anything. */
export function hottest(milliCelsius: readonly number[]): number {
  const sound = milliCelsius.filter(Number.isFinite);
  return sound.length === 0 ? Number.NaN : Math.max(...sound) / 1000;
}

/** The first sensor of each CPU driver is the package (`Package id 0`, `Tctl`). */
function sensorFiles({ sysRoot }: Roots): readonly string[] {
  return entriesOf(`${sysRoot}/class/hwmon`)
    .filter((folder) => CPU_DRIVERS.test(readText(`${folder}/name`)))
    .map((folder) => `${folder}/temp1_input`);
}

function zoneFiles({ sysRoot }: Roots): readonly string[] {
  return entriesOf(`${sysRoot}/class/thermal`)
    .filter((folder) => /thermal_zone\d+$/.test(folder) && CPU_ZONES.test(readText(`${folder}/type`)))
    .map((folder) => `${folder}/temp`);
}
