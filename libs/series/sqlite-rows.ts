import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isEmpty, packValues, unpackValues } from './compact.ts';
import type { Point, SeriesQuery } from './port.ts';

export const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -32768;
  PRAGMA wal_autocheckpoint = 10000;
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, node TEXT NOT NULL, entity TEXT NOT NULL,
    UNIQUE (measurement, node, entity));
  CREATE TABLE IF NOT EXISTS field_set (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS point (
    series INTEGER NOT NULL, time INTEGER NOT NULL, field_set INTEGER NOT NULL, packed BLOB NOT NULL,
    PRIMARY KEY (series, time)) WITHOUT ROWID;`;

interface PackedRow {
  readonly time: number;
  readonly field_set: number;
  readonly packed: Uint8Array;
}

/** Rows and their statements. Throws what `node:sqlite` throws. */
export class PointRows {
  readonly #statements: Record<keyof typeof STATEMENTS, StatementSync>;
  readonly #seriesIds = new Map<string, number>();
  readonly #fieldSetIds = new Map<string, number>();
  #idsByFields = new WeakMap<readonly string[], number>();
  readonly #namesById = new Map<number, readonly string[]>();

  constructor(db: DatabaseSync) {
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, db.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof STATEMENTS, StatementSync>;
  }

  put(point: Point): void {
    const series = this.#seriesId(point);
    const fieldSet = this.#fieldSetId(point.fields);
    const packed = packValues(point.values);
    if (isEmpty(packed, point.values.length)) return;
    const { changes } = this.#statements.insertPoint.run(series, point.timeMs, fieldSet, packed);
    if (changes === 0) this.#overwrite(series, point);
  }

  scan(query: SeriesQuery, { node, fromMs, toMs }: SeriesQuery['scopes'][number]): readonly Point[] {
    const entities = this.#statements.seriesOfNode.all(query.measurement, node) as unknown as {
      id: number;
      entity: string;
    }[];
    const targets = new Map<number, Int32Array>();
    return entities
      .filter(({ entity }) => query.entity === undefined || entity === query.entity)
      .flatMap(({ id, entity }) => {
        const rows = this.#statements.rows.all(id, fromMs, toMs) as unknown as PackedRow[];
        return rows.flatMap((row) => {
          const values = this.#wanted(row, query.fields, targets);
          const { measurement, fields } = query;
          return values ? [{ measurement, node, entity, timeMs: row.time, fields, values }] : [];
        });
      });
  }

  seriesIds(): readonly number[] {
    return this.#statements.allSeries.all().map(({ id }) => id as number);
  }

  removeBefore(series: number, beforeMs: number): void {
    this.#statements.removeBefore.run(series, beforeMs);
  }

  forget(): void {
    this.#seriesIds.clear();
    this.#fieldSetIds.clear();
    this.#namesById.clear();
    this.#idsByFields = new WeakMap();
  }

  /** The row's values of the fields asked for, or null where it has none of them. */
  #wanted(row: PackedRow, fields: readonly string[], targets: Map<number, Int32Array>): Float64Array | null {
    const names = this.#names(row.field_set);
    let places = targets.get(row.field_set);
    if (!places) {
      places = Int32Array.from(names, (name) => fields.indexOf(name));
      targets.set(row.field_set, places);
    }
    const values = new Float64Array(fields.length).fill(Number.NaN);
    return unpackValues(row.packed, names.length, places, values) > 0 ? values : null;
  }

  /** Field by field: what the new point lacks stays as it was. */
  #overwrite(series: number, point: Point): void {
    const old = this.#statements.row.get(series, point.timeMs) as unknown as PackedRow;
    const oldNames = this.#names(old.field_set);
    const names = [...new Set([...oldNames, ...point.fields])];
    const values = new Float64Array(names.length).fill(Number.NaN);
    const kept = Int32Array.from(oldNames, (_, index) => index);
    unpackValues(old.packed, oldNames.length, kept, values);
    point.fields.forEach((name, index) => {
      const value = point.values[index] as number;
      if (!Number.isNaN(value)) values[names.indexOf(name)] = value;
    });
    this.#statements.updatePoint.run(this.#fieldSetId(names), packValues(values), series, point.timeMs);
  }

  #seriesId({ measurement, node, entity }: Point): number {
    const key = `${measurement}\n${node}\n${entity}`;
    let id = this.#seriesIds.get(key);
    if (id === undefined) {
      this.#statements.insertSeries.run(measurement, node, entity);
      id = this.#statements.findSeries.get(measurement, node, entity)?.id as number;
      this.#seriesIds.set(key, id);
    }
    return id;
  }

  #fieldSetId(fields: readonly string[]): number {
    let id = this.#idsByFields.get(fields);
    if (id === undefined) {
      const names = JSON.stringify(fields);
      id = this.#fieldSetIds.get(names) ?? this.#insertFieldSet(names);
      this.#fieldSetIds.set(names, id);
      this.#idsByFields.set(fields, id);
    }
    return id;
  }

  #insertFieldSet(names: string): number {
    this.#statements.insertFieldSet.run(names);
    return this.#statements.findFieldSet.get(names)?.id as number;
  }

  #names(id: number): readonly string[] {
    let names = this.#namesById.get(id);
    if (!names) {
      names = JSON.parse(this.#statements.fieldSet.get(id)?.names as string) as string[];
      this.#namesById.set(id, names);
    }
    return names;
  }
}

const STATEMENTS = {
  insertSeries: 'INSERT OR IGNORE INTO series (measurement, node, entity) VALUES (?, ?, ?)',
  findSeries: 'SELECT id FROM series WHERE measurement = ? AND node = ? AND entity = ?',
  seriesOfNode: 'SELECT id, entity FROM series WHERE measurement = ? AND node = ? ORDER BY entity',
  allSeries: 'SELECT id FROM series',
  insertFieldSet: 'INSERT OR IGNORE INTO field_set (names) VALUES (?)',
  findFieldSet: 'SELECT id FROM field_set WHERE names = ?',
  fieldSet: 'SELECT names FROM field_set WHERE id = ?',
  insertPoint: 'INSERT OR IGNORE INTO point (series, time, field_set, packed) VALUES (?, ?, ?, ?)',
  updatePoint: 'UPDATE point SET field_set = ?, packed = ? WHERE series = ? AND time = ?',
  row: 'SELECT time, field_set, packed FROM point WHERE series = ? AND time = ?',
  rows: 'SELECT time, field_set, packed FROM point WHERE series = ? AND time >= ? AND time < ? ORDER BY time',
  removeBefore: 'DELETE FROM point WHERE series = ? AND time < ?',
} as const;
