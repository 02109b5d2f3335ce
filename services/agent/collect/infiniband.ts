import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { entriesOf } from '../folders.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';
import { Rate } from './rate.ts';

const RECEIVE = gaugeOrdinal('host', 'fabric_receive_bytes_per_second');
const TRANSMIT = gaugeOrdinal('host', 'fabric_transmit_bytes_per_second');
/** Ports count octets divided by four, one for each lane: Documentation/ABI/stable/sysfs-class-infiniband. */
const OCTETS_PER_COUNT = 4;

export const infiniband: CollectorSpec = { name: 'infiniband', pace: 'sample', open: openInfiniband };

function openInfiniband({ sysRoot }: Roots): Collector {
  const ports = entriesOf(`${sysRoot}/class/infiniband`).flatMap((device) => entriesOf(`${device}/ports`));
  if (ports.length === 0)
    throw new SourceAbsentError(`${sysRoot}: expected ports of a fabric (class/infiniband)`);
  const received = ports.map((port) => new KernelFile(`${port}/counters/port_rcv_data`));
  const transmitted = ports.map((port) => new KernelFile(`${port}/counters/port_xmit_data`));
  const receive = new Rate();
  const transmit = new Rate();
  return {
    sample({ host }, atSeconds) {
      host.gauge(RECEIVE, receive.per(octets(received), atSeconds));
      host.gauge(TRANSMIT, transmit.per(octets(transmitted), atSeconds));
    },
    close() {
      for (const file of [...received, ...transmitted]) file.close();
    },
  };
}

function octets(files: readonly KernelFile[]): number {
  return files.reduce((sum, file) => sum + file.readNumber(), 0) * OCTETS_PER_COUNT;
}
