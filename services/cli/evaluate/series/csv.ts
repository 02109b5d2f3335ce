/** How the rows of one file are read. */
export interface SeriesLayout {
  /** Column of the timestamp; null: a row a minute. */
  readonly time: number | null;
  /** Columns the detector sees, in order. */
  readonly values: readonly number[];
  /** The first line names the columns. */
  readonly header: boolean;
}

/** Whether the last column is a label, which the detector must not see. */
export type LabelColumn = 'none' | 'last';

const MINUTE_MS = 60_000;
const TIME_NAME = /^\s*"?(timestamp|time|date|datetime)"?\s*$/i;
/** Epoch numbers below this are seconds: as milliseconds they would lie before March 1973. */
const SECONDS_BELOW = 1e11;

/**
 * Reads the layout off the first line. With a header the timestamp is the column of that name; without, every column
 * is a value and rows are a minute apart. Plain commas: no quoted commas.
 *
 * Worked example: `timestamp,value` → time 0, values [1]; `0.2,0.1,1` with label `last` → time null, values [0, 1].
 */
export function layoutOf(line: string, label: LabelColumn): SeriesLayout {
  const cells = line.split(',');
  const header = cells.some((cell) => cell.trim() !== '' && Number.isNaN(numberOf(cell)) && !isMissing(cell));
  const found = header ? cells.findIndex((cell) => TIME_NAME.test(cell)) : -1;
  const time = found < 0 ? null : found;
  const last = label === 'last' ? cells.length - 1 : cells.length;
  const values = cells.map((_, index) => index).filter((index) => index < last && index !== time);
  return { time, values, header };
}

/**
 * Fills `values` with the row's numbers, NaN where a cell is empty, absent or no number.
 * @param row 0 for the first row of values
 * @returns event time in ms; NaN when the timestamp cannot be read
 */
export function readRow(
  cells: readonly string[],
  row: number,
  layout: SeriesLayout,
  values: Float64Array,
): number {
  layout.values.forEach((column, index) => {
    values[index] = numberOf(cells[column] ?? '');
  });
  return layout.time === null ? row * MINUTE_MS : timeOf(cells[layout.time] ?? '');
}

/** Whether somebody wrote something there that is no value: not empty, and no word for a missing one. */
export function isUnreadable(cell: string, value: number): boolean {
  return Number.isNaN(value) && cell.trim() !== '' && !isMissing(cell);
}

/** ISO-like text, UTC where it names no zone, or an epoch in seconds or milliseconds. */
export function timeOf(text: string): number {
  const cell = text.trim().replaceAll('"', '');
  const epoch = numberOf(cell);
  if (!Number.isNaN(epoch)) return Math.abs(epoch) < SECONDS_BELOW ? epoch * 1000 : epoch;
  const iso = cell.replace(' ', 'T');
  return Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/i.test(iso) || !iso.includes('T') ? iso : `${iso}Z`);
}

function numberOf(cell: string): number {
  return cell.trim() === '' ? Number.NaN : Number(cell);
}

function isMissing(cell: string): boolean {
  return /^\s*(nan|null|na)\s*$/i.test(cell);
}
