import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';

const USED_RATIO = gaugeOrdinal('host', 'memory_used_ratio');
const USED_BYTES = gaugeOrdinal('host', 'memory_used_bytes');

export const memory: CollectorSpec = { name: 'memory', pace: 'sample', open: openMemory };

function openMemory({ procRoot }: Roots): Collector {
  const file = new KernelFile(`${procRoot}/meminfo`);
  return {
    sample({ host }) {
      const { totalBytes, availableBytes } = parseMeminfo(file.read());
      host.gauge(USED_BYTES, totalBytes - availableBytes);
      host.gauge(USED_RATIO, (totalBytes - availableBytes) / totalBytes);
    },
    close: () => file.close(),
  };
}

/** Parses /proc/meminfo. Available is the kernel's own estimate, caches that can go included. NaN: not there. */
export function parseMeminfo(text: string): { readonly totalBytes: number; readonly availableBytes: number } {
  return {
    totalBytes: bytesOf(text, /^MemTotal: +(\d+)/m),
    availableBytes: bytesOf(text, /^MemAvailable: +(\d+)/m),
  };
}

function bytesOf(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN) * 1024;
}
