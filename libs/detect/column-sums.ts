import { ENTITY_KINDS, type EntityKind } from '#libs/model/catalogue.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { GAUGE_STRIDE } from '#libs/model/wire.ts';

/** Values of one column over a summary's entities of a kind. */
export interface ColumnSum {
  readonly sum: number;
  /** Entities that have a value. */
  readonly count: number;
  /** Entities of the kind. */
  readonly entities: number;
}

/** @param column ordinal of a gauge of the kind */
export function sumOver(rows: DecodedRows, kind: EntityKind, column: number): ColumnSum {
  let sum = 0;
  let count = 0;
  let entities = 0;
  for (let row = 0; row < rows.rows; row++) {
    if (ENTITY_KINDS[rows.kinds[row]!] !== kind) continue;
    entities++;
    const value = rows.gauges[row * GAUGE_STRIDE + column]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return { sum, count, entities };
}

/** Mean over the entities that have a value; null where none has. */
export function meanOver(rows: DecodedRows, kind: EntityKind, column: number): number | null {
  const { sum, count } = sumOver(rows, kind, column);
  return count === 0 ? null : sum / count;
}
