import { existsSync } from 'node:fs';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';
import { Rate } from './rate.ts';

const RECEIVE_RATE = gaugeOrdinal('host', 'network_receive_bytes_per_second');
const TRANSMIT_RATE = gaugeOrdinal('host', 'network_transmit_bytes_per_second');
const RECEIVE_TOTAL = counterOrdinal('host', 'network_receive_bytes_total');
const TRANSMIT_TOTAL = counterOrdinal('host', 'network_transmit_bytes_total');

export interface InterfaceBytes {
  readonly name: string;
  readonly receiveBytes: number;
  readonly transmitBytes: number;
}

export const network: CollectorSpec = { name: 'network', pace: 'sample', open: openNetwork };

function openNetwork({ procRoot, sysRoot }: Roots): Collector {
  const file = new KernelFile(`${procRoot}/net/dev`);
  const rates = new InterfaceRates();
  const known = new Map<string, boolean>();
  const isPhysical = (name: string) => {
    const physical = known.get(name) ?? existsSync(`${sysRoot}/class/net/${name}/device`);
    known.set(name, physical);
    return physical;
  };
  return {
    sample({ host }, atSeconds) {
      const counted = countedInterfaces(parseNetDev(file.read()), isPhysical);
      const { receive, transmit } = rates.per(counted, atSeconds);
      host.gauge(RECEIVE_RATE, receive);
      host.gauge(TRANSMIT_RATE, transmit);
      host.counter(RECEIVE_TOTAL, total(counted, 'receiveBytes'));
      host.counter(TRANSMIT_TOTAL, total(counted, 'transmitBytes'));
    },
    close: () => file.close(),
  };
}

/** Parses /proc/net/dev. */
export function parseNetDev(text: string): readonly InterfaceBytes[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      if (colon < 0) return [];
      const fields = line
        .slice(colon + 1)
        .trim()
        .split(/ +/);
      return [
        {
          name: line.slice(0, colon).trim(),
          receiveBytes: Number(fields[0]),
          transmitBytes: Number(fields[8]),
        },
      ];
    });
}

const VIRTUAL =
  /^(lo|ifb|dummy|veth|docker|br|virbr|cni|flannel|cali|cilium|tun|tap|wg|bond|team|vlan|tailscale|sit|gre|ip6|vxlan)/;

/**
 * The interfaces whose bytes are the node's traffic. Bridges, bonds, VLANs and tunnels carry bytes that a physical
 * interface counts as well. Without any physical one (a container) it is whatever is not named like a virtual one.
 */
export function countedInterfaces(
  all: readonly InterfaceBytes[],
  isPhysical: (name: string) => boolean,
): readonly InterfaceBytes[] {
  const physical = all.filter(({ name }) => isPhysical(name));
  return physical.length > 0 ? physical : all.filter(({ name }) => !VIRTUAL.test(name));
}

/** One rate an interface, so that one that is reset or hot-plugged costs one sample of its own only. */
class InterfaceRates {
  readonly #receive = new Map<string, Rate>();
  readonly #transmit = new Map<string, Rate>();

  per(interfaces: readonly InterfaceBytes[], atSeconds: number): { receive: number; transmit: number } {
    let receive = 0;
    let transmit = 0;
    let measured = 0;
    for (const { name, receiveBytes, transmitBytes } of interfaces) {
      const down = rateOf(this.#receive, name).per(receiveBytes, atSeconds);
      const up = rateOf(this.#transmit, name).per(transmitBytes, atSeconds);
      if (Number.isNaN(down) || Number.isNaN(up)) continue;
      receive += down;
      transmit += up;
      measured += 1;
    }
    return measured > 0 ? { receive, transmit } : { receive: Number.NaN, transmit: Number.NaN };
  }
}

function rateOf(rates: Map<string, Rate>, name: string): Rate {
  const rate = rates.get(name) ?? new Rate();
  rates.set(name, rate);
  return rate;
}

function total(interfaces: readonly InterfaceBytes[], key: 'receiveBytes' | 'transmitBytes'): number {
  return interfaces.length === 0 ? Number.NaN : interfaces.reduce((sum, each) => sum + each[key], 0);
}
