import { type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';
import { type TraceColumn, traceColumn } from '#libs/traces/recording/columns.ts';

export interface NamedColumn extends TraceColumn {
  /** As trace files name it. */
  readonly name: string;
}

/** The gauges of a kind of entity as columns of a trace: one value each, for a sample has no shape. */
export function namedColumns(kind: EntityKind): readonly NamedColumn[] {
  return LAYOUTS[kind].gauges.flatMap(({ name, statistic }, ordinal) =>
    statistic === 'mean' ? [{ kind, ordinal, name: traceName(kind, ordinal, name) }] : [],
  );
}

/** The shorter name where readers of traces know it as this gauge; else the catalogue's own. */
function traceName(kind: EntityKind, ordinal: number, name: string): string {
  const shorter = name.replace('_transmit_', '_tx_').replace('_receive_', '_rx_');
  try {
    const column = traceColumn(shorter);
    return column?.kind === kind && column.ordinal === ordinal ? shorter : name;
  } catch (error) {
    if (error instanceof RangeError) return name;
    throw error;
  }
}
