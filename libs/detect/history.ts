import { robustFit } from '#libs/stats/robust.ts';
import type { Slab } from '#libs/stats/slab.ts';
import { windowMean } from './accumulate.ts';
import type { WindowLayout } from './layout.ts';
import { HISTORY_WINDOWS, NODE, type NodeTable, TRACK_WIDTH } from './node-table.ts';
import type { EntityWindow, NodeWindow } from './node-window.ts';

const MEDIAN = HISTORY_WINDOWS;
const SCALE = HISTORY_WINDOWS + 1;

/** Values of one metric over the node's recorded windows, oldest first; overwritten by the next call of {@link series}. */
export interface WindowSeries {
  readonly values: Float64Array;
  /** Minutes since 1970. */
  readonly windows: Int32Array;
  count: number;
}

const scratch: WindowSeries = {
  values: new Float64Array(HISTORY_WINDOWS),
  windows: new Int32Array(HISTORY_WINDOWS),
  count: 0,
};

/**
 * Gives the window a place in the node's ring.
 * @returns its place, or −1 for a window older than the newest that never had one: order matters more than it
 */
export function placeOf(table: NodeTable, row: number, window: number): number {
  const data = table.nodes.page(row);
  const at = table.nodes.at(row);
  const ring = table.recorded.page(row);
  const ringAt = table.recorded.at(row);
  const count = data[at + NODE.recorded]!;
  for (let back = 1; back <= Math.min(count, HISTORY_WINDOWS); back++) {
    const place = (count - back) % HISTORY_WINDOWS;
    const recorded = ring[ringAt + place]!;
    if (recorded === window) return place;
    if (recorded < window) break;
  }
  if (count > 0 && ring[ringAt + ((count - 1) % HISTORY_WINDOWS)]! > window) return -1;
  ring[ringAt + (count % HISTORY_WINDOWS)] = window;
  data[at + NODE.recorded] = count + 1;
  return count % HISTORY_WINDOWS;
}

/** Writes the tracked means of one entity's window at its place; absent ones as NaN. */
export function record(
  layout: WindowLayout,
  history: Slab<Float32Array>,
  entity: number,
  place: number,
  window: Float64Array,
  windowAt: number,
): void {
  const data = history.page(entity);
  const at = history.at(entity);
  for (let t = 0; t < layout.tracked.length; t++) {
    data[at + t * TRACK_WIDTH + place] = windowMean(layout, window, windowAt, layout.tracked[t]!);
  }
}

/** The metric's values from `since` to `until` (minutes since 1970), without the absent ones. */
export function series(
  table: NodeTable,
  row: number,
  history: Slab<Float32Array>,
  entity: number,
  track: number,
  since: number,
  until: number,
): WindowSeries {
  const count = table.nodes.page(row)[table.nodes.at(row) + NODE.recorded]!;
  const ring = table.recorded.page(row);
  const ringAt = table.recorded.at(row);
  const data = history.page(entity);
  const at = history.at(entity) + track * TRACK_WIDTH;
  scratch.count = 0;
  for (let n = Math.max(0, count - HISTORY_WINDOWS); n < count; n++) {
    const window = ring[ringAt + (n % HISTORY_WINDOWS)]!;
    const value = data[at + (n % HISTORY_WINDOWS)]!;
    if (window < since || window > until || Number.isNaN(value)) continue;
    scratch.values[scratch.count] = value;
    scratch.windows[scratch.count++] = window;
  }
  return scratch;
}

/** Mean and range of the metric's first `count` values since the reference began; null while there are fewer before this window. */
export function firstValues(
  table: NodeTable,
  { row, window }: Pick<NodeWindow, 'row' | 'window'>,
  { history, row: entity }: Pick<EntityWindow, 'history' | 'row'>,
  track: number,
  count: number,
): { readonly mean: number; readonly min: number; readonly max: number } | null {
  const since = table.nodes.page(row)[table.nodes.at(row) + NODE.referenceFrom]!;
  const { values, count: have } = series(table, row, history, entity, track, since, window - 1);
  if (have < count) return null;
  let [min, max, sum] = [values[0]!, values[0]!, 0];
  for (let i = 0; i < count; i++) {
    sum += values[i]!;
    min = Math.min(min, values[i]!);
    max = Math.max(max, values[i]!);
  }
  return { mean: sum / count, min, max };
}

/** Median and spread of an entity's own past, NaN until the reference is frozen. */
export function reference(history: Slab<Float32Array>, entity: number, track: number) {
  const data = history.page(entity);
  const at = history.at(entity) + track * TRACK_WIDTH;
  return { median: data[at + MEDIAN]!, scale: data[at + SCALE]! };
}

/**
 * Freezes the reference of every metric that has values enough since `since`. It stays until {@link forget}: an
 * episode, or a slow ramp, cannot move it (DOMAIN.md §9, C16).
 */
export function freeze(
  table: NodeTable,
  row: number,
  layout: WindowLayout,
  history: Slab<Float32Array>,
  entity: number,
  since: number,
  until: number,
  enough: number,
): void {
  if (until - since + 1 < enough) return;
  const data = history.page(entity);
  const newest = (table.nodes.page(row)[table.nodes.at(row) + NODE.recorded]! - 1) % HISTORY_WINDOWS;
  for (let t = 0; t < layout.tracked.length; t++) {
    const at = history.at(entity) + t * TRACK_WIDTH;
    const frozen = !Number.isNaN(data[at + MEDIAN]!);
    if (frozen || Number.isNaN(data[at + newest]!)) continue;
    const past = series(table, row, history, entity, t, since, until);
    if (past.count < enough) continue;
    const fit = robustFit(past.values, past.count);
    data[at + MEDIAN] = fit.median;
    data[at + SCALE] = fit.scale;
  }
}

/** Thaws the reference of an entity: what it is compared with has been declared anew. */
export function forget(layout: WindowLayout, history: Slab<Float32Array>, entity: number): void {
  const data = history.page(entity);
  for (let t = 0; t < layout.tracked.length; t++) {
    const at = history.at(entity) + t * TRACK_WIDTH;
    data[at + MEDIAN] = Number.NaN;
    data[at + SCALE] = Number.NaN;
  }
}
