import { existsSync, readdirSync } from 'node:fs';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';
import { Rate } from './rate.ts';

const READ_RATE = gaugeOrdinal('host', 'disk_read_bytes_per_second');
const WRITE_RATE = gaugeOrdinal('host', 'disk_write_bytes_per_second');
const READ_TOTAL = counterOrdinal('host', 'disk_read_bytes_total');
const WRITE_TOTAL = counterOrdinal('host', 'disk_write_bytes_total');

/** The unit of /proc/diskstats whatever the device's own sector size: Documentation/block/stat.rst. */
const SECTOR_BYTES = 512;

export interface Transferred {
  readonly readBytes: number;
  readonly writeBytes: number;
}

export const disk: CollectorSpec = { name: 'disk', pace: 'sample', open: openDisk };

function openDisk({ procRoot, sysRoot }: Roots): Collector {
  const file = new KernelFile(`${procRoot}/diskstats`);
  const read = new Rate();
  const write = new Rate();
  const physical = new Map<string, boolean>();
  for (const name of readdirSync(`${sysRoot}/block`)) physical.set(name, hasDevice(sysRoot, name));
  const counts = (name: string) => {
    if (!physical.has(name)) physical.set(name, hasDevice(sysRoot, name));
    return physical.get(name) ?? false;
  };
  return {
    sample({ host }, atSeconds) {
      const { readBytes, writeBytes } = parseDiskstats(file.read(), counts);
      host.gauge(READ_RATE, read.per(readBytes, atSeconds));
      host.gauge(WRITE_RATE, write.per(writeBytes, atSeconds));
      host.counter(READ_TOTAL, readBytes);
      host.counter(WRITE_TOTAL, writeBytes);
    },
    close: () => file.close(),
  };
}

/**
 * Sums /proc/diskstats over the devices that count.
 * @param counts true for physical disks; partitions, loop, dm and md devices would count the same bytes twice.
 */
export function parseDiskstats(text: string, counts: (device: string) => boolean): Transferred {
  let readSectors = 0;
  let writeSectors = 0;
  for (const line of text.split('\n')) {
    const [, , name = '', , , sectorsRead, , , , sectorsWritten] = line.trim().split(/ +/);
    if (!counts(name)) continue;
    readSectors += Number(sectorsRead);
    writeSectors += Number(sectorsWritten);
  }
  return { readBytes: readSectors * SECTOR_BYTES, writeBytes: writeSectors * SECTOR_BYTES };
}

/** Only real disks have a `device` beside their numbers; partitions are not listed under /sys/block at all. */
function hasDevice(sysRoot: string, name: string): boolean {
  return name !== '' && existsSync(`${sysRoot}/block/${name}/device`);
}
