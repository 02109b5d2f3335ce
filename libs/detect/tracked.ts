import { ENTITY_KINDS, type Metric } from '#libs/model/catalogue.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { meanOver } from './column-sums.ts';
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
