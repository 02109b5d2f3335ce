import { ENTITY_KINDS } from '#libs/model/catalogue.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { COUNTER_STRIDE, GAUGE_STRIDE } from '#libs/model/wire.ts';
import { accumulate } from './accumulate.ts';
import type { FrameWatch } from './frame-watch.ts';
import type { NodeTable } from './node-table.ts';

/**
 * Takes a frame's rows into the window's accumulators, and shows them to the watch for changes. O(values), without allocation.
 * @param window minutes since 1970
 * @param newest whether the frame is the window's latest so far: its counters stand
 */
export function intake(
  table: NodeTable,
  row: number,
  window: number,
  frame: DecodedRows,
  newest: boolean,
  watch: FrameWatch,
): void {
  const tier = table.tierOf(row);
  const samples = Math.max(1, frame.samples);
  const { gauges, counters } = frame;
  for (let r = 0; r < frame.rows; r++) {
    const host = ENTITY_KINDS[frame.kinds[r]!] === 'host';
    const layout = host ? tier.host : tier.gpu;
    const slab = host ? tier.hostWindows : tier.gpuWindows;
    const index = frame.indexes[r]!;
    const place = host ? table.placeOf(row) : table.gpuPlace(table.gpuOf(row, index, frame.ids[r]!));
    const at = slab.at(place) + (window % tier.keptWindows) * layout.width;
    const gaugesAt = r * GAUGE_STRIDE;
    accumulate(layout, slab.page(place), at, samples, gauges, gaugesAt, counters, r * COUNTER_STRIDE, newest);
    const baseline = host ? tier.hostBaseline : tier.gpuBaseline;
    watch.look(layout, baseline, place, gauges, gaugesAt, host ? -1 : index);
  }
}
