import type { Metric } from '#libs/model/catalogue.ts';
import { METRICS } from '#libs/model/catalogue.ts';
import type { Floats } from '#libs/stats/moments.ts';
import { windowMean } from './accumulate.ts';
import type { Baseline } from './baseline.ts';
import { GPU_WINDOW, HOST_WINDOW, metricIndex, type WindowLayout } from './layout.ts';
import type { History } from './tier.ts';

/** One entity's closed window, with where its past lies. */
export interface EntityWindow {
  readonly layout: WindowLayout;
  /** `host`, `gpu0` … */
  readonly name: string;
  readonly data: Floats;
  readonly at: number;
  readonly history: History;
  /** Hours of its week and last frames; null in the cheap tier. */
  readonly baseline: Baseline | null;
  /** Its place in `history` and `baseline`. */
  readonly row: number;
  /** Row of the GPU in the table; −1: the host. */
  readonly gpu: number;
}

/** One node's closed window: what the rules of stage 1 look at. */
export interface NodeWindow {
  /** Row of the node in the table. */
  readonly row: number;
  /** Minutes since 1970 at its end. */
  readonly window: number;
  /** Some of it was gathered in the cheap tier. */
  readonly cheap: boolean;
  readonly entities: readonly EntityWindow[];
  /** Where its calendar lies (`CALENDAR`); null in the cheap tier. */
  readonly calendar: { readonly data: Float64Array; readonly at: number } | null;
}

/** One metric's mean on one entity. */
export interface Observed {
  readonly metric: Metric;
  readonly entity: EntityWindow;
  readonly mean: number;
}

/** A metric's window means over all entities that have it; empty if none does. */
export function observations(node: NodeWindow, metricName: string): Observed[] {
  const metric = METRICS.get(metricName);
  if (metric === undefined || metric.kind === 'counter') return [];
  const found: Observed[] = [];
  for (const entity of node.entities) {
    const index = entity.layout.metrics.indexOf(metric);
    if (index < 0) continue;
    const mean = windowMean(entity.layout, entity.data, entity.at, index);
    if (!Number.isNaN(mean)) found.push({ metric, entity, mean });
  }
  return found;
}

const indexes = {
  cpu: metricIndex(HOST_WINDOW, 'cpu_utilization_ratio'),
  nodePower: metricIndex(HOST_WINDOW, 'node_power_watts'),
  gpuPower: metricIndex(GPU_WINDOW, 'gpu_power_watts'),
  gpuUtilization: metricIndex(GPU_WINDOW, 'gpu_utilization_ratio'),
  smActive: metricIndex(GPU_WINDOW, 'gpu_sm_active_ratio'),
  gpuMemory: metricIndex(GPU_WINDOW, 'gpu_memory_used_ratio'),
  gpuTemperature: metricIndex(GPU_WINDOW, 'gpu_temperature_celsius'),
} as const;

/** A named mean of an entity, NaN if absent; for the rules that read fixed metrics. */
export function fixedMean(entity: EntityWindow, name: keyof typeof indexes): number {
  return windowMean(entity.layout, entity.data, entity.at, indexes[name]);
}
