import type { EntityRow } from '#libs/model/frame.ts';
import { type Floats, pool, poolMean, squaresOf, standardDeviation } from '#libs/stats/moments.ts';
import type { WindowLayout } from './layout.ts';

/**
 * Adds one entity's row of a frame to its window. Absent values (NaN) add nothing. O(metrics).
 * @param samples 1 Hz samples that the frame's means stand for, ≥ 1
 * @param newest this frame ends later than all others of the window: its counters are the window's last
 */
export function accumulate(
  layout: WindowLayout,
  window: Floats,
  at: number,
  samples: number,
  gauges: Float32Array,
  gaugesAt: number,
  counters: Float64Array,
  countersAt: number,
  newest: boolean,
): void {
  const { columns, places, textured } = layout;
  for (let i = 0; i < columns.length; i++) {
    const column = gaugesAt + columns[i]!;
    if (places[i]! < 0 || Number.isNaN(gauges[column]!)) continue;
    const place = at + places[i]!;
    if (textured[i] === 0) poolMean(window, place, samples, gauges[column]!);
    else poolTexture(window, place, samples, gauges, column);
  }
  for (let i = 0; i < layout.counters; i++) {
    const value = counters[countersAt + i]!;
    const place = at + layout.counterPlace + 2 * i;
    if (Number.isNaN(value) || !(newest || window[place + 1] === 0)) continue;
    window[place] = value;
    window[place + 1] = 1;
  }
}

/** A metric whose texture is absent counts as constant over the frame. */
function poolTexture(
  window: Floats,
  place: number,
  samples: number,
  gauges: Float32Array,
  column: number,
): void {
  const mean = gauges[column]!;
  const sd = gauges[column + 1]!;
  const min = gauges[column + 2]!;
  const max = gauges[column + 3]!;
  const m2 = Number.isNaN(sd) ? 0 : squaresOf(samples, sd);
  pool(window, place, samples, mean, m2, Number.isNaN(min) ? mean : min, Number.isNaN(max) ? mean : max);
}

/** Mean of a metric over the window, NaN if it was not measured or is not kept. */
export function windowMean(layout: WindowLayout, window: Floats, at: number, metric: number): number {
  const place = at + layout.places[metric]!;
  return place < at || window[place] === 0 ? Number.NaN : window[place + 1]!;
}

/** Standard deviation (of the population) of a metric over the window's samples, NaN if not measured or not kept. */
export function windowSpread(layout: WindowLayout, window: Floats, at: number, metric: number): number {
  const place = at + layout.places[metric]!;
  const known = place >= at && layout.textured[metric] === 1 && window[place]! > 0;
  return known ? standardDeviation(window, place) : Number.NaN;
}

/** Whether anything was measured over the window. */
export function hasValues(layout: WindowLayout, window: Floats, at: number): boolean {
  for (const place of layout.places) if (place >= 0 && window[at + place]! > 0) return true;
  for (let i = 0; i < layout.counters; i++)
    if (window[at + layout.counterPlace + 2 * i + 1] === 1) return true;
  return false;
}

/** Writes the window into a summary's row, over whatever it held. */
export function fillRow(row: EntityRow, layout: WindowLayout, window: Floats, at: number): void {
  row.gauges.fill(Number.NaN);
  row.counters.fill(Number.NaN);
  for (let i = 0; i < layout.columns.length; i++) {
    const place = at + layout.places[i]!;
    if (place < at || window[place] === 0) continue;
    const column = layout.columns[i]!;
    row.gauges[column] = window[place + 1]!;
    if (layout.textured[i] === 0) continue;
    row.gauges[column + 1] = standardDeviation(window, place);
    row.gauges[column + 2] = window[place + 3]!;
    row.gauges[column + 3] = window[place + 4]!;
  }
  for (let i = 0; i < layout.counters; i++) {
    const place = at + layout.counterPlace + 2 * i;
    if (window[place + 1] === 1) row.counters[i] = window[place]!;
  }
}
