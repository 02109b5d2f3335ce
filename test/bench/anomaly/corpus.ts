import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type LabelColumn, layoutOf, readRow } from '#services/cli/evaluate/series/csv.ts';
import { type RowWorth, rowWorth } from './nab.ts';

/** One file, read whole: rows of values, row after row. */
export interface Rows {
  readonly name: string;
  readonly times: Float64Array;
  readonly columns: number;
  readonly values: Float64Array;
}

export interface NabSeries extends Rows {
  readonly worth: RowWorth;
  /** Every second series of each category: the half that the parameters were chosen on. */
  readonly chosenOn: boolean;
}

export interface Machine extends Rows {
  readonly labels: Uint8Array;
  readonly chosenOn: boolean;
}

type Windows = Readonly<Record<string, readonly (readonly [string, string])[]>>;

/** The 58 series of NAB v1.1 with their labelled windows, from `FOLDER/nab`. */
export async function readNab(folder: string): Promise<readonly NabSeries[]> {
  const windows = JSON.parse(
    await readFile(join(folder, 'nab/labels/combined_windows.json'), 'utf8'),
  ) as Windows;
  const seen = new Map<string, number>();
  const series: NabSeries[] = [];
  for (const name of Object.keys(windows).sort()) {
    const rows = await readRows(join(folder, 'nab/data'), name, 'none');
    const spans = (windows[name] ?? []).map(
      ([first, last]) => [rowAt(rows, first), rowAt(rows, last)] as const,
    );
    const category = name.split('/')[0] ?? '';
    const nth = seen.get(category) ?? 0;
    seen.set(category, nth + 1);
    series.push({ ...rows, worth: rowWorth(rows.times.length, spans), chosenOn: nth % 2 === 0 });
  }
  return series;
}

/** The machines of SMD in `FOLDER/smd`, their last column the label. */
export async function readSmd(folder: string): Promise<readonly Machine[]> {
  const names = (await readdir(join(folder, 'smd'))).filter((name) => /\.csv(\.gz)?$/.test(name)).sort();
  const machines: Machine[] = [];
  for (const [index, name] of names.entries()) {
    const rows = await readRows(join(folder, 'smd'), name, 'last');
    const labels = await readLabels(join(folder, 'smd'), name);
    machines.push({ ...rows, labels, chosenOn: index % 2 === 0 });
  }
  return machines;
}

async function linesOf(folder: string, name: string): Promise<string[]> {
  const path = join(folder, name);
  const plain = await readFile(path).catch(() => null);
  const text =
    plain === null || name.endsWith('.gz') ? gunzipSync(plain ?? (await readFile(`${path}.gz`))) : plain;
  return text.toString('utf8').trim().split('\n');
}

async function readRows(folder: string, name: string, label: LabelColumn): Promise<Rows> {
  const lines = await linesOf(folder, name);
  const layout = layoutOf(lines[0] ?? '', label);
  const body = layout.header ? lines.slice(1) : lines;
  const columns = layout.values.length;
  const values = new Float64Array(columns * body.length);
  const times = Float64Array.from(body, (line, row) =>
    readRow(line.split(','), row, layout, values.subarray(row * columns, (row + 1) * columns)),
  );
  return { name, times, columns, values };
}

async function readLabels(folder: string, name: string): Promise<Uint8Array> {
  const lines = await linesOf(folder, name);
  return Uint8Array.from(lines, (line) => Number(line.slice(line.lastIndexOf(',') + 1)));
}

function rowAt(rows: Rows, time: string): number {
  const row = rows.times.indexOf(Date.parse(`${time.slice(0, 19).replace(' ', 'T')}Z`));
  assert(row >= 0, `${rows.name}: no row at ${time}`);
  return row;
}
