import type { EntityRow } from '#libs/model/frame.ts';
import { RowStatistics } from '#libs/model/row-statistics.ts';
import { traceColumn } from './columns.ts';
import type { CsvTable } from './parse-csv.ts';

const SECONDS_A_FRAME = 10;

/** One frame's worth of a trace. */
export interface TraceFrame {
  /** Seconds from where the frames begin to its end: a multiple of 10. */
  readonly endSeconds: number;
  /** Seconds of the interval that have a sample. */
  readonly samples: number;
  readonly entities: readonly EntityRow[];
  /** Rows of each label in it; '' is no label. */
  readonly labels: ReadonlyMap<string, number>;
}

interface Column {
  readonly kind: 'host' | 'gpu';
  readonly ordinal: number;
  readonly values: Float64Array;
}

/**
 * A recorded trace of one node as an agent would have sent it: rows of one second are averaged into a sample, ten
 * seconds make a frame. A trace sampled more slowly gives frames of fewer samples; nothing is made up between them.
 * @param leave columns to leave out, by their names in the file: what a poorer agent could not read
 * @param fromSeconds where the first frame begins; what is before is left out
 */
export function traceFrames(
  table: CsvTable,
  leave: (name: string) => boolean = () => false,
  fromSeconds = 0,
): TraceFrame[] {
  const seconds = table.number('time_s').map((second) => second - fromSeconds);
  const gpus = table.names.includes('gpu') ? table.number('gpu') : new Float64Array(table.rows);
  const labels = table.text('behaviour');
  const columns = [...columnsOf(table, leave), ...memoryRatio(table, leave)];
  const order = Array.from({ length: table.rows }, (_, row) => row)
    .filter((row) => (seconds[row] ?? 0) >= 0)
    .sort((a, b) => (seconds[a] ?? 0) - (seconds[b] ?? 0));
  const frameOf = (row: number) => Math.floor((seconds[row] ?? 0) / SECONDS_A_FRAME);
  return [...Map.groupBy(order, frameOf)].map(([frame, rows]) => {
    const samples = Map.groupBy(rows, (row) => Math.floor(seconds[row] ?? 0));
    return {
      endSeconds: (frame + 1) * SECONDS_A_FRAME,
      samples: samples.size,
      entities: entitiesOf([...samples.values()], gpus, columns),
      labels: count(rows.map((row) => labels[row] ?? '')),
    };
  });
}

function columnsOf(table: CsvTable, leave: (name: string) => boolean): Column[] {
  return table.names.flatMap((name): Column[] => {
    const column = leave(name) ? null : traceColumn(name);
    return column ? [{ ...column, values: table.number(name) }] : [];
  });
}

/** An agent sends memory in use also as a share: where the file has only bytes, the share follows. */
function memoryRatio(table: CsvTable, leave: (name: string) => boolean): Column[] {
  const [used, total, ratio] = ['gpu_memory_used_bytes', 'gpu_memory_total_bytes', 'gpu_memory_used_ratio'];
  const has = (name: string) => table.names.includes(name) && !leave(name);
  const column = traceColumn(ratio);
  if (column === null || has(ratio) || !has(used) || !has(total)) return [];
  const totals = table.number(total);
  const values = table.number(used).map((bytes, row) => Math.min(1, bytes / (totals[row] ?? Number.NaN)));
  return [{ ...column, values }];
}

/** @param samples the rows of each second */
function entitiesOf(
  samples: readonly (readonly number[])[],
  gpus: Float64Array,
  columns: readonly Column[],
): EntityRow[] {
  const host = new RowStatistics('host');
  const devices = new Map<number, RowStatistics>();
  for (const rows of samples) {
    sample(host, rows, columns, 'host');
    for (const [gpu, own] of Map.groupBy(rows, (row) => gpus[row] ?? 0)) {
      const device = devices.get(gpu) ?? new RowStatistics('gpu', gpu, `trace-gpu-${gpu}`);
      devices.set(gpu, device);
      sample(device, own, columns, 'gpu');
    }
  }
  const rows = [host.row(), ...[...devices.values()].map((device) => device.row())];
  return rows.filter(({ kind, gauges }) => kind === 'host' || gauges.some((value) => !Number.isNaN(value)));
}

function sample(
  into: RowStatistics,
  rows: readonly number[],
  columns: readonly Column[],
  kind: 'host' | 'gpu',
): void {
  for (const column of columns) {
    if (column.kind !== kind) continue;
    let sum = 0;
    let count = 0;
    for (const row of rows) {
      const value = column.values[row] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    if (count > 0) into.gauge(column.ordinal, sum / count);
  }
}

function count(labels: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
