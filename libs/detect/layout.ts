import { type EntityKind, gaugeOrdinal, LAYOUTS, type Metric } from '#libs/model/catalogue.ts';
import { MOMENTS } from '#libs/stats/moments.ts';

/**
 * How the values of one kind of entity lie in a window's accumulator: per gauge metric its moments (metrics with
 * texture) or its count and mean, then the counters' last values and whether there is one.
 */
export interface WindowLayout {
  readonly kind: EntityKind;
  /** Gauges that are windowed. */
  readonly metrics: readonly Metric[];
  /** Per gauge metric: ordinal of its mean column, place in the accumulator, 1 if it has texture. */
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

function windowLayout(kind: EntityKind): WindowLayout {
  const { metrics: all, gauges, counters } = LAYOUTS[kind];
  const metrics = all.filter((metric) => metric.kind !== 'counter' && metric.windowed);
  const places = new Int32Array(metrics.length);
  let width = 0;
  metrics.forEach((metric, index) => {
    places[index] = width;
    width += metric.texture ? MOMENTS : 2;
  });
  return {
    kind,
    metrics,
    columns: Int32Array.from(metrics, (metric) => gaugeOrdinal(kind, metric.name)),
    places,
    textured: Uint8Array.from(metrics, (metric) => Number(metric.texture)),
    gauges: gauges.length,
    counters: counters.length,
    counterPlace: width,
    width: width + 2 * counters.length,
    tracked: Int32Array.from(metrics.flatMap((metric, index) => (metric.core ? [index] : []))),
  };
}

export const HOST_WINDOW = windowLayout('host');
export const GPU_WINDOW = windowLayout('gpu');

/** Index into `metrics` of a gauge. @throws RangeError for a name the catalogue does not have: a programmer's error. */
export function metricIndex(layout: WindowLayout, name: string): number {
  const index = layout.metrics.findIndex((metric) => metric.name === name);
  if (index < 0) throw new RangeError(`${name}: expected a gauge of ${layout.kind}`);
  return index;
}
