import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';
import { Rate } from './rate.ts';

const SOURCES = ['cpu', 'memory', 'io'] as const;

export const pressure: CollectorSpec = { name: 'pressure', pace: 'frame', open: openPressure };

function openPressure({ procRoot }: Roots): Collector {
  const sources = SOURCES.map((name) => ({
    ordinal: gaugeOrdinal('host', `pressure_${name}_some_ratio`),
    file: new KernelFile(`${procRoot}/pressure/${name}`),
    stalled: new Rate(),
  }));
  return {
    sample({ host }, atSeconds) {
      for (const { ordinal, file, stalled } of sources) {
        const ratio = stalled.per(parsePressure(file.read()), atSeconds);
        host.gauge(ordinal, Math.min(1, ratio));
      }
    },
    close() {
      for (const { file } of sources) file.close();
    },
  };
}

/** Seconds in which at least one task waited, since the machine started; NaN: not there. */
export function parsePressure(text: string): number {
  return Number(/^some .*total=(\d+)/m.exec(text)?.[1] ?? Number.NaN) / 1e6;
}
