import { standardDeviation } from '#libs/stats/moments.ts';
import { windowMean } from '../accumulate.ts';
import { QUIET_BYTES, type WindowValues } from '../evidence/features.ts';
import type { SpokenFeature } from '../evidence/grounds.ts';
import { HOST_WINDOW, metricIndex } from '../layout.ts';

/** A number computed from a host's window; NaN where something that it needs was not measured. */
export interface HostFeature extends SpokenFeature {
  readonly name: string;
  /** Inner edges of its bins, ascending; chosen for reading, not fitted. */
  readonly edges: readonly number[];
  read(host: WindowValues): number;
}

/** Switches a second that an idle kernel makes by itself, added before the logarithm. Starting value. */
const QUIET_SWITCHES = 1;

const RATIO = [0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97];
const RARE_RATIO = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3];
const VARIATION = [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64];
const SWITCHES = [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5];
const BYTES = [5.3, 5.8, 6.3, 6.8, 7.3, 7.8, 8.3, 8.8];

const host = (name: string) => metricIndex(HOST_WINDOW, name);
const mean = (index: number) => (window: WindowValues) =>
  windowMean(window.layout, window.data, window.at, index);

const cpu = host('cpu_utilization_ratio');
const user = mean(host('cpu_user_ratio'));
const system = mean(host('cpu_system_ratio'));
const nice = mean(host('cpu_nice_ratio'));
const running = mean(host('processes_running'));
const switches = mean(host('context_switches_per_second'));
const diskRead = mean(host('disk_read_bytes_per_second'));
const diskWrite = mean(host('disk_write_bytes_per_second'));

/** Standard deviation over the window's samples, NaN where it is not kept. */
const spread = (index: number) => (window: WindowValues) => {
  const place = window.at + (window.layout.places[index] ?? -1);
  return window.layout.textured[index] === 1 ? standardDeviation(window.data, place) : Number.NaN;
};

/** A rate for each thread that could run: on few cores and on many the same work reads alike. */
const perThread = (rate: HostFeature['read']) => (window: WindowValues) =>
  rate(window) / Math.max(1, running(window));

/**
 * What is looked at of a host. Left out on purpose, because it names the machine and not the work, or how somebody
 * started it: memory in use, interrupts (the timer's rate is the kernel's), priority, steal, load; and because no
 * recording exercises it: network, power, clock. Page faults are not in the catalogue.
 */
export const HOST_FEATURES: readonly HostFeature[] = [
  {
    name: 'cpu',
    words: 'CPU utilisation',
    metric: 'cpu_utilization_ratio',
    unit: 'ratio',
    edges: RATIO,
    read: mean(cpu),
  },
  {
    name: 'cpu-variation',
    words: 'variation of CPU utilisation',
    metric: 'cpu_utilization_ratio',
    unit: 'number',
    edges: VARIATION,
    read: (window) => spread(cpu)(window) / mean(cpu)(window),
  },
  {
    name: 'system-share',
    words: 'share of the kernel in CPU time',
    metric: 'cpu_system_ratio',
    unit: 'ratio',
    edges: RATIO,
    // What is niced is a program's own time, too: with user time it is one.
    read: (window) => system(window) / (user(window) + orNone(nice(window)) + system(window)),
  },
  {
    name: 'io-wait',
    words: 'waiting for disks',
    metric: 'cpu_iowait_ratio',
    unit: 'ratio',
    edges: RARE_RATIO,
    read: mean(host('cpu_iowait_ratio')),
  },
  {
    name: 'switches-per-thread',
    words: 'context switches for each running thread',
    metric: 'context_switches_per_second',
    unit: 'log10 1/s',
    edges: SWITCHES,
    read: (window) => Math.log10(QUIET_SWITCHES + perThread(switches)(window)),
  },
  {
    name: 'disk-per-thread',
    words: 'disk traffic for each running thread',
    metric: 'disk_write_bytes_per_second',
    unit: 'log10 By/s',
    edges: BYTES,
    read: (window) => Math.log10(QUIET_BYTES + perThread((one) => diskRead(one) + diskWrite(one))(window)),
  },
  {
    name: 'cpu-pressure',
    words: 'share of time in which threads waited for a core',
    metric: 'pressure_cpu_some_ratio',
    unit: 'ratio',
    edges: RATIO,
    read: mean(host('pressure_cpu_some_ratio')),
  },
  {
    name: 'io-pressure',
    words: 'share of time in which threads waited for disks',
    metric: 'pressure_io_some_ratio',
    unit: 'ratio',
    edges: RARE_RATIO,
    read: mean(host('pressure_io_some_ratio')),
  },
];

/** Kernels without a kind of accounting show none of it. */
function orNone(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** Values of a host's features over a window, in the order of {@link HOST_FEATURES}. */
export function readHostFeatures(window: WindowValues): Float64Array {
  return Float64Array.from(HOST_FEATURES, (feature) => feature.read(window));
}
