import { type EntityKind, gaugeOrdinal, LAYOUTS, type Metric } from '#libs/model/catalogue.ts';
import { MOMENTS } from '#libs/stats/moments.ts';

/** How much of a metric a window keeps: moments, count and mean alone, or nothing. */
type Keep = (metric: Metric) => 'texture' | 'mean' | 'nothing';

/**
 * How the values of one kind of entity lie in a window's accumulator: per gauge metric its moments (metrics with
 * texture) or its count and mean, then the counters' last values and whether there is one.
 */
export interface WindowLayout {
  readonly kind: EntityKind;
  /** Gauges that are windowed; the same, in the same order, in every layout of a kind. */
  readonly metrics: readonly Metric[];
  /** Per gauge metric: ordinal of its mean column, place in the accumulator (−1: not kept), 1 if its texture is kept. */
  readonly columns: Int32Array;
  readonly places: Int32Array;
  readonly textured: Uint8Array;
  readonly gauges: number;
  readonly counters: number;
  /** Place of the first counter; value and presence alternate. */
  readonly counterPlace: number;
  readonly width: number;
  /** Metrics (indices into `metrics`) that own past, peers and onset look at: the *core* ones. */
  readonly tracked: Int32Array;
}

function windowLayout(kind: EntityKind, keep: Keep, counters: number): WindowLayout {
  const { metrics: all, gauges } = LAYOUTS[kind];
  const metrics = all.filter((metric) => metric.kind !== 'counter' && metric.windowed);
  const places = new Int32Array(metrics.length).fill(-1);
  let width = 0;
  metrics.forEach((metric, index) => {
    const kept = keep(metric);
    if (kept === 'nothing') return;
    places[index] = width;
    width += kept === 'texture' ? MOMENTS : 2;
  });
  return {
    kind,
    metrics,
    columns: Int32Array.from(metrics, (metric) => gaugeOrdinal(kind, metric.name)),
    places,
    textured: Uint8Array.from(metrics, (metric) => Number(keep(metric) === 'texture')),
    gauges: gauges.length,
    counters,
    counterPlace: width,
    width: width + 2 * counters,
    tracked: Int32Array.from(metrics.flatMap((metric, index) => (metric.core ? [index] : []))),
  };
}

const everything: Keep = ({ texture }) => (texture ? 'texture' : 'mean');

export const HOST_WINDOW = windowLayout('host', everything, LAYOUTS.host.counters.length);
export const GPU_WINDOW = windowLayout('gpu', everything, LAYOUTS.gpu.counters.length);

/** Metrics whose spread within the window is read: by features of evidence, and by the check of sensors. */
const SPREAD_READ = new Set([
  'cpu_utilization_ratio',
  'network_transmit_bytes_per_second',
  'gpu_power_watts',
  'gpu_utilization_ratio',
  'gpu_sm_active_ratio',
]);
/** Metrics of a host that are not *core* and are read by evidence, or for the power of its parts. */
const HOST_READ = new Set([
  'memory_power_watts',
  'cpu_user_ratio',
  'cpu_system_ratio',
  'cpu_nice_ratio',
  'cpu_iowait_ratio',
  'processes_running',
  'context_switches_per_second',
  'disk_read_bytes_per_second',
  'disk_write_bytes_per_second',
  'fabric_receive_bytes_per_second',
  'fabric_transmit_bytes_per_second',
  'pressure_cpu_some_ratio',
  'pressure_io_some_ratio',
]);

const means: Keep = ({ name }) => (SPREAD_READ.has(name) ? 'texture' : 'mean');
const readMeans: Keep = (metric) => (metric.core || HOST_READ.has(metric.name) ? means(metric) : 'nothing');

/** The cheap tier's windows: of a host what is tracked or read by a feature, of a GPU every gauge; no counters. */
export const CHEAP_HOST_WINDOW = windowLayout('host', readMeans, 0);
export const CHEAP_GPU_WINDOW = windowLayout('gpu', means, 0);

/** Whether the cheap tier's windows hold the gauge. */
export function keptWhenCheap(name: string): boolean {
  return [CHEAP_HOST_WINDOW, CHEAP_GPU_WINDOW].some(({ metrics, places }) =>
    metrics.some((metric, index) => metric.name === name && places[index]! >= 0),
  );
}

/** Index into `metrics` of a gauge. @throws RangeError for a name the catalogue does not have: a programmer's error. */
export function metricIndex(layout: WindowLayout, name: string): number {
  const index = layout.metrics.findIndex((metric) => metric.name === name);
  if (index < 0) throw new RangeError(`${name}: expected a gauge of ${layout.kind}`);
  return index;
}
