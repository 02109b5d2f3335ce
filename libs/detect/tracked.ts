import { ENTITY_KINDS, type Metric } from '#libs/model/catalogue.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { GAUGE_STRIDE } from '#libs/model/wire.ts';
import { GPU_WINDOW, HOST_WINDOW, type WindowLayout } from './layout.ts';

const LAYOUTS = { host: HOST_WINDOW, gpu: GPU_WINDOW } as const;

/** The metrics that nodes are compared by: the core ones of the host, then of its GPUs. */
export const TRACKED_METRICS: readonly Metric[] = ENTITY_KINDS.flatMap((kind) => trackedOf(LAYOUTS[kind]));

function trackedOf(layout: WindowLayout): Metric[] {
  return Array.from(layout.tracked, (index) => layout.metrics[index]!);
}

/** A summary's means in the order of {@link TRACKED_METRICS}, over all its GPUs; null where absent. */
export function trackedMeans(rows: DecodedRows): (number | null)[] {
  return ENTITY_KINDS.flatMap((kind) =>
    Array.from(LAYOUTS[kind].tracked, (index) => meanOver(rows, kind, LAYOUTS[kind].columns[index]!)),
  );
}

/** In-band power of the whole node; without a sensor, what its GPUs and CPU draw; null if that is unknown too. */
export function powerOf(rows: DecodedRows): number | null {
  return meanOver(rows, 'host', columnOf('host', 'node_power_watts')) ?? partsPower(rows);
}

function partsPower(rows: DecodedRows): number | null {
  const gpus = sumOver(rows, 'gpu', columnOf('gpu', 'gpu_power_watts'));
  const cpu = sumOver(rows, 'host', columnOf('host', 'cpu_power_watts'));
  return gpus.count + cpu.count === 0 ? null : gpus.sum + cpu.sum;
}

function columnOf(kind: 'host' | 'gpu', name: string): number {
  const layout = LAYOUTS[kind];
  return layout.columns[layout.metrics.findIndex((metric) => metric.name === name)]!;
}

function meanOver(rows: DecodedRows, kind: 'host' | 'gpu', column: number): number | null {
  const { sum, count } = sumOver(rows, kind, column);
  return count === 0 ? null : sum / count;
}

function sumOver(rows: DecodedRows, kind: 'host' | 'gpu', column: number) {
  let sum = 0;
  let count = 0;
  for (let row = 0; row < rows.rows; row++) {
    const value = rows.gauges[row * GAUGE_STRIDE + column]!;
    if (ENTITY_KINDS[rows.kinds[row]!] !== kind || Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return { sum, count };
}
