import type { Floats } from '#libs/stats/moments.ts';
import { robustFit } from '#libs/stats/robust.ts';
import { windowMean } from './accumulate.ts';
import type { WindowLayout } from './layout.ts';
import { NODE, type NodeTable } from './node-table.ts';
import type { EntityWindow, NodeWindow } from './node-window.ts';
import { HISTORY_WINDOWS, type History } from './tier.ts';

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
  const { ring, ringAt, length } = ringOf(table, row);
  const count = data[at + NODE.recorded]!;
  for (let back = 1; back <= Math.min(count, length); back++) {
    const place = (count - back) % length;
    const recorded = ring[ringAt + place]!;
    if (recorded === window) return place;
    if (recorded < window) break;
  }
  if (count > 0 && ring[ringAt + ((count - 1) % length)]! > window) return -1;
  ring[ringAt + (count % length)] = window;
  data[at + NODE.recorded] = count + 1;
  return count % length;
}

/** The windows recorded of a node, as a ring. */
function ringOf(table: NodeTable, row: number) {
  const { recorded } = table.tierOf(row);
  const place = table.placeOf(row);
  return { ring: recorded.page(place), ringAt: recorded.at(place), length: recorded.width };
}

/** Writes the tracked means of one entity's window at its place; absent ones as NaN. */
export function record(
  layout: WindowLayout,
  history: History,
  entity: number,
  place: number,
  window: Floats,
  windowAt: number,
): void {
  const data = history.page(entity);
  const at = history.at(entity);
  for (let t = 0; t < layout.tracked.length; t++) {
    data[at + t * history.track + place] = windowMean(layout, window, windowAt, layout.tracked[t]!);
  }
}

/** The metric's values from `since` to `until` (minutes since 1970), without the absent ones. */
export function series(
  table: NodeTable,
  row: number,
  history: History,
  entity: number,
  track: number,
  since: number,
  until: number,
): WindowSeries {
  const count = table.nodes.page(row)[table.nodes.at(row) + NODE.recorded]!;
  const { ring, ringAt, length } = ringOf(table, row);
  const data = history.page(entity);
  const at = history.at(entity) + track * history.track;
  scratch.count = 0;
  for (let n = Math.max(0, count - length); n < count; n++) {
    const window = ring[ringAt + (n % length)]!;
    const value = data[at + (n % length)]!;
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
  if (history.windows < HISTORY_WINDOWS && isForgotten(table, row, since)) return null;
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

/** Whether windows from `since` on have left the ring: in a short one the first that are left are not the first. */
function isForgotten(table: NodeTable, row: number, since: number): boolean {
  const count = table.nodes.page(row)[table.nodes.at(row) + NODE.recorded]!;
  const { ring, ringAt, length } = ringOf(table, row);
  return count > length && ring[ringAt + (count % length)]! > since;
}

/** Median and spread of an entity's own past, NaN until the reference is frozen. */
export function reference(history: History, entity: number, track: number) {
  const data = history.page(entity);
  const at = history.at(entity) + track * history.track + history.windows;
  return { median: data[at]!, scale: data[at + 1]! };
}

/**
 * Freezes the reference of every metric that has values enough since `since`. It stays until {@link forget}: an
 * episode, or a slow ramp, cannot move it (DOMAIN.md §9, C16).
 */
export function freeze(
  table: NodeTable,
  row: number,
  layout: WindowLayout,
  history: History,
  entity: number,
  since: number,
  until: number,
  enough: number,
): void {
  if (until - since + 1 < enough) return;
  const data = history.page(entity);
  const newest = (table.nodes.page(row)[table.nodes.at(row) + NODE.recorded]! - 1) % history.windows;
  for (let t = 0; t < layout.tracked.length; t++) {
    const at = history.at(entity) + t * history.track;
    const median = at + history.windows;
    const frozen = !Number.isNaN(data[median]!);
    if (frozen || Number.isNaN(data[at + newest]!)) continue;
    const past = series(table, row, history, entity, t, since, until);
    if (past.count < enough) continue;
    const fit = robustFit(past.values, past.count);
    data[median] = fit.median;
    data[median + 1] = fit.scale;
  }
}

/** Thaws the reference of an entity: what it is compared with has been declared anew. */
export function forget(layout: WindowLayout, history: History, entity: number): void {
  const data = history.page(entity);
  for (let t = 0; t < layout.tracked.length; t++) {
    const median = history.at(entity) + t * history.track + history.windows;
    data[median] = Number.NaN;
    data[median + 1] = Number.NaN;
  }
}
