import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { entriesOf } from '../folders.ts';
import { KernelFile, readText } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';

const NODE_POWER = gaugeOrdinal('host', 'node_power_watts');

export const nodePower: CollectorSpec = { name: 'node_power', pace: 'sample', open: openNodePower };

/**
 * The ACPI power meter of the whole machine: Documentation/hwmon/acpi_power_meter.rst. Other drivers' power files
 * are those of a card or a rail, never the node's.
 */
function openNodePower({ sysRoot }: Roots): Collector {
  const meter = entriesOf(`${sysRoot}/class/hwmon`).find(
    (folder) => readText(`${folder}/name`) === 'power_meter',
  );
  if (meter === undefined)
    throw new SourceAbsentError(`${sysRoot}: expected an ACPI power meter (class/hwmon)`);
  const file = new KernelFile(`${meter}/power1_average`);
  return {
    sample: ({ host }) => host.gauge(NODE_POWER, wattsOf(file.readNumber())),
    close: () => file.close(),
  };
}

/** µW in, W out; the driver says 0 or less while it has no reading yet. */
export function wattsOf(microWatts: number): number {
  return microWatts > 0 ? microWatts / 1e6 : Number.NaN;
}
