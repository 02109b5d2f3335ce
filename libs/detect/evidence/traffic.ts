import { windowMean, windowSpread } from '../accumulate.ts';
import { HOST_WINDOW, metricIndex } from '../layout.ts';
import type { Feature, WindowValues } from './features.ts';

/**
 * What a node moves beside its GPUs, over one window: sizes and rhythm alone, no address, port or payload. It is the
 * same for all of its GPUs, and counts with each as often as one of them speaks for the node: once.
 */
export interface TrafficFeature extends Feature {
  /** @param busyGpus that the traffic is shared out to, at least 1 */
  read(host: WindowValues, busyGpus: number): number;
}

/** Added before the logarithm: a probe every now and then. Starting value. */
export const QUIET_NETWORK = 100;
/** Likewise for disks and fabrics: programs, logs, the port's manager. Starting value. */
export const QUIET_HOST = 1e5;
/** Below these bytes per second a share of them means nothing. Starting value. */
export const LEAST_BYTES = 200;

const host = (name: string) => metricIndex(HOST_WINDOW, name);
const mean = (index: number) => (window: WindowValues) =>
  windowMean(window.layout, window.data, window.at, index);

const sentIndex = host('network_transmit_bytes_per_second');
const sent = mean(sentIndex);
const received = mean(host('network_receive_bytes_per_second'));
const read = mean(host('disk_read_bytes_per_second'));
const fabricSent = mean(host('fabric_transmit_bytes_per_second'));
const fabricReceived = mean(host('fabric_receive_bytes_per_second'));

/** Bytes per second both ways. A counter that stands still is not seen: a node that reports sends at least that. */
const network = (window: WindowValues) => sent(window) + received(window) || Number.NaN;

/** A decade in two or three steps, finer where shares, requests and what is left of nothing lie. */
const NETWORK_EDGES = [2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9];

export const TRAFFIC_FEATURES: readonly TrafficFeature[] = [
  {
    name: 'network',
    level: 'N',
    words: 'network traffic per busy GPU',
    metric: 'network_transmit_bytes_per_second',
    unit: 'log10 By/s',
    edges: NETWORK_EDGES,
    read: (window, gpus) => Math.log10(QUIET_NETWORK + network(window) / gpus),
  },
  {
    name: 'network-sent',
    level: 'N',
    words: 'share sent in the network traffic',
    metric: 'network_transmit_bytes_per_second',
    unit: 'ratio',
    read: (window) => (network(window) >= LEAST_BYTES ? sent(window) / network(window) : Number.NaN),
  },
  {
    name: 'network-variation',
    level: 'N',
    words: 'variation of network traffic sent',
    metric: 'network_transmit_bytes_per_second',
    unit: 'number',
    read: (window) =>
      network(window) >= LEAST_BYTES
        ? windowSpread(window.layout, window.data, window.at, sentIndex) / sent(window)
        : Number.NaN,
  },
  {
    name: 'storage',
    level: 'N',
    words: 'disk reads per busy GPU',
    metric: 'disk_read_bytes_per_second',
    unit: 'log10 By/s',
    read: (window, gpus) => Math.log10(QUIET_HOST + read(window) / gpus),
  },
  {
    name: 'fabric',
    level: 'N',
    words: 'fabric traffic per busy GPU',
    metric: 'fabric_transmit_bytes_per_second',
    unit: 'log10 By/s',
    read: (window, gpus) => Math.log10(QUIET_HOST + (fabricSent(window) + fabricReceived(window)) / gpus),
  },
];

/**
 * Values of a node's traffic, in the order of {@link TRAFFIC_FEATURES}.
 * @param window the host's, or null where nothing of it was reported: then all is NaN and says nothing
 */
export function readTraffic(window: WindowValues | null, busyGpus: number): Float64Array {
  return Float64Array.from(TRAFFIC_FEATURES, (feature) =>
    window === null ? Number.NaN : feature.read(window, Math.max(1, busyGpus)),
  );
}

/** How far a node's network is seen: not at all, by counters that stand still, or by what goes through. */
export type NetworkSight = 'missing' | 'still' | 'seen';

export function networkSight(window: WindowValues | null): NetworkSight {
  const bytes = window === null ? Number.NaN : sent(window) + received(window);
  if (Number.isNaN(bytes)) return 'missing';
  return bytes === 0 ? 'still' : 'seen';
}
