/** A CSV file by columns. Numbers are NaN where a cell is empty or no number. */
export interface CsvTable {
  readonly rows: number;
  readonly names: readonly string[];
  number(name: string): Float64Array;
  text(name: string): readonly string[];
}

/**
 * Reads CSV with a header and without quotes. O(length).
 * @throws SyntaxError naming the line that has another number of cells than the header
 */
export function parseCsv(content: string): CsvTable {
  const lines = content.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const names = (lines.shift() ?? '').split(',');
  const cells = lines.map((line, index) => cellsOf(line, names.length, index + 2));
  const placeOf = (name: string): number => {
    const place = names.indexOf(name);
    if (place < 0) throw new SyntaxError(`expected a column ${name}, got ${names.join(', ')}`);
    return place;
  };
  return {
    rows: cells.length,
    names,
    number(name) {
      const place = placeOf(name);
      return Float64Array.from(cells, (row) => (row[place] ? Number(row[place]) : Number.NaN));
    },
    text(name) {
      const place = placeOf(name);
      return cells.map((row) => row[place] ?? '');
    },
  };
}

function cellsOf(line: string, expected: number, number: number): readonly string[] {
  const cells = line.split(',');
  if (cells.length !== expected)
    throw new SyntaxError(`line ${number}: expected ${expected} cells, got ${cells.length}`);
  return cells;
}
