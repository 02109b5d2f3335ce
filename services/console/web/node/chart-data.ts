import type { SeriesReply } from '../../api/contract/node.ts';
import { inUnit } from '../format.ts';
import type { Range } from './range.ts';

/** A metric of the catalogue, as `GET /api/metrics` answers it. */
export interface MetricInfo {
  readonly name: string;
  readonly unit: string;
  readonly source: string;
  readonly texture: boolean;
}

/** Columns of one metric: its mean and, where its shape is measured, min and max. */
export function fieldsOf({ name, texture }: MetricInfo): readonly string[] {
  return texture ? [name, `${name}_min`, `${name}_max`] : [name];
}

/** A step this many times the usual one is a gap, and drawn as one. */
const GAP = 3;

/** Times in seconds and a line per field, as uPlot takes them; a null where nothing was measured. */
export function columnsOf({ timesMs, values }: SeriesReply): (number | null)[][] {
  const step = usualStep(timesMs);
  const columns: (number | null)[][] = [[], ...values.map(() => [])];
  const push = (ms: number, pick: (line: readonly (number | null)[]) => number | null) => {
    columns[0]?.push(ms / 1000);
    values.forEach((line, index) => {
      columns[index + 1]?.push(pick(line));
    });
  };
  timesMs.forEach((ms, index) => {
    const former = timesMs[index - 1];
    if (former !== undefined && ms - former > GAP * step) push(former + step, () => null);
    push(ms, (line) => line[index] ?? null);
  });
  return columns;
}

function usualStep(timesMs: readonly number[]): number {
  const steps = timesMs.slice(1, 200).map((ms, index) => ms - (timesMs[index] ?? ms));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 60_000;
}

export interface Extent {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly newest: number;
}

/** Of the first field, with the lows and highs of the others; null: nothing was measured. */
export function extentOf({ values }: SeriesReply): Extent | null {
  const means = (values[0] ?? []).filter((value) => value !== null);
  const newest = means.at(-1);
  if (newest === undefined) return null;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const mean of means) sum += mean;
  for (const line of values)
    for (const value of line) {
      if (value === null) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  return { mean: sum / means.length, min, max, newest };
}

export function extentInWords({ mean, min, max, newest }: Extent, unit: string): string {
  return `mean ${inUnit(mean, unit)}, from ${inUnit(min, unit)} to ${inUnit(max, unit)}, newest ${inUnit(newest, unit)}`;
}

export interface Bin {
  readonly fromMs: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** The same as a table of at most `count` rows. */
export function binsOf(
  { timesMs, values }: SeriesReply,
  { fromMs, toMs }: Range,
  count: number,
): readonly Bin[] {
  const width = (toMs - fromMs) / count;
  const [means = [], lows = means, highs = means] = values;
  const bins = Array.from({ length: count }, (_, index) => ({
    fromMs: fromMs + index * width,
    sum: 0,
    number: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  }));
  timesMs.forEach((ms, index) => {
    const bin = bins[Math.min(count - 1, Math.floor((ms - fromMs) / width))];
    const mean = means[index] ?? null;
    if (!bin || mean === null) return;
    bin.sum += mean;
    bin.number++;
    bin.min = Math.min(bin.min, lows[index] ?? mean);
    bin.max = Math.max(bin.max, highs[index] ?? mean);
  });
  return bins.map(({ fromMs: from, sum, number, min, max }) =>
    number === 0
      ? { fromMs: from, mean: null, min: null, max: null }
      : { fromMs: from, mean: sum / number, min, max },
  );
}
