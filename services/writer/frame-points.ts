import { ENTITY_KINDS, type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';
import type { DecodedRows } from '#libs/model/decoded-rows.ts';
import { entityName, type Flow } from '#libs/model/frame.ts';
import { COUNTER_STRIDE, GAUGE_STRIDE } from '#libs/model/wire.ts';
import type { Measurement, Point } from '#libs/series/port.ts';

/** Which columns of a row become fields: all, or the means of the metrics marked core. */
export type Columns = 'all' | 'core';

/** Of one kind of entity: the fields' names, and the ordinals that their values have. */
interface Selection {
  readonly fields: readonly string[];
  readonly gauges: Uint16Array;
  readonly counters: Uint16Array;
}

function selection(kind: EntityKind, columns: Columns): Selection {
  const wanted = (list: (typeof LAYOUTS)[EntityKind]['gauges']) =>
    list.flatMap((column, ordinal) =>
      columns === 'all' || (column.metric.core && column.statistic === 'mean')
        ? [{ name: column.name, ordinal }]
        : [],
    );
  const gauges = wanted(LAYOUTS[kind].gauges);
  const counters = wanted(LAYOUTS[kind].counters);
  return {
    fields: [...gauges, ...counters].map(({ name }) => name),
    gauges: Uint16Array.from(gauges, ({ ordinal }) => ordinal),
    counters: Uint16Array.from(counters, ({ ordinal }) => ordinal),
  };
}

const SELECTIONS: Readonly<Record<Columns, readonly Selection[]>> = {
  all: ENTITY_KINDS.map((kind) => selection(kind, 'all')),
  core: ENTITY_KINDS.map((kind) => selection(kind, 'core')),
};

/** Fields of the entity `flows`: the interval's sums over the node's long-lived connections. */
export const FLOW_FIELDS = [
  'flows',
  'flow_age_seconds_max',
  'flow_bytes_up',
  'flow_bytes_down',
  'flow_active_seconds_up_max',
  'flow_active_seconds_down_max',
] as const;

/**
 * The points of a decoded frame or summary: one per entity that has a value, one for its flows if there are any.
 * The values are copies: the decoder's rows may be used again. O(values).
 */
export function framePoints(rows: DecodedRows, measurement: Measurement, columns: Columns): Point[] {
  const { node, endMs: timeMs } = rows;
  const points: Point[] = [];
  for (let row = 0; row < rows.rows; row++) {
    const kind = rows.kinds[row] ?? 0;
    const chosen = SELECTIONS[columns][kind];
    if (!chosen) continue;
    const entity = entityName({ kind: ENTITY_KINDS[kind] ?? 'host', index: rows.indexes[row] ?? 0 });
    const values = valuesOf(rows, row, chosen);
    points.push({ measurement, node, entity, timeMs, fields: chosen.fields, values });
  }
  if (rows.flows.length > 0 && columns === 'all') {
    const values = flowValues(rows.flows);
    points.push({ measurement, node, entity: 'flows', timeMs, fields: FLOW_FIELDS, values });
  }
  return points;
}

function valuesOf(rows: DecodedRows, row: number, { gauges, counters }: Selection): Float64Array {
  const values = new Float64Array(gauges.length + counters.length);
  const gaugeBase = row * GAUGE_STRIDE;
  const counterBase = row * COUNTER_STRIDE;
  for (let i = 0; i < gauges.length; i++) {
    values[i] = rows.gauges[gaugeBase + (gauges[i] as number)] as number;
  }
  for (let i = 0; i < counters.length; i++) {
    values[gauges.length + i] = rows.counters[counterBase + (counters[i] as number)] as number;
  }
  return values;
}

/** In the order of {@link FLOW_FIELDS}. */
function flowValues(flows: readonly Flow[]): Float64Array {
  const values = new Float64Array(FLOW_FIELDS.length);
  values[0] = flows.length;
  for (const flow of flows) {
    values[1] = Math.max(values[1] as number, flow.ageSeconds);
    values[2] = (values[2] as number) + flow.bytesUp;
    values[3] = (values[3] as number) + flow.bytesDown;
    values[4] = Math.max(values[4] as number, flow.activeSecondsUp);
    values[5] = Math.max(values[5] as number, flow.activeSecondsDown);
  }
  return values;
}
