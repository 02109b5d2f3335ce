import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';

const LOAD = gaugeOrdinal('host', 'load_average_1m');

export const load: CollectorSpec = { name: 'load', pace: 'frame', open: openLoad };

function openLoad({ procRoot }: Roots): Collector {
  const file = new KernelFile(`${procRoot}/loadavg`);
  return {
    sample: ({ host }) => host.gauge(LOAD, parseLoadavg(file.read())),
    close: () => file.close(),
  };
}

/** The average of one minute: `"0.48 0.61 0.54 1/322 10532"` → 0.48. */
export function parseLoadavg(text: string): number {
  return Number.parseFloat(text);
}
