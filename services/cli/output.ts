import process from 'node:process';
import { Presets, SingleBar } from 'cli-progress';

/** Prints the data as one JSON document, or what `render` makes of it for a person. */
export function show<T>(json: boolean | undefined, data: T, render: (data: T) => string): void {
  process.stdout.write(`${json ? JSON.stringify(data, null, 2) : render(data)}\n`);
}

/** Columns as wide as their widest cell; numbers to the right. An empty table says so. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '(none)';
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'number' ? format(cell) : cell)),
  );
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const right = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return cells.map(line).join('\n');
}

function format(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 2 });
}

/** ISO time to the second, or a dash. */
export function when(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A progress bar on stderr where that is a terminal; silent elsewhere. */
export function progress(
  label: string,
  total: number,
): { readonly step: (by?: number) => void; readonly end: () => void } {
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage} % | {value}/{total} | {eta_formatted}`,
      stream: process.stderr,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { step: (by = 1) => bar.increment(by), end: () => bar.stop() };
}
