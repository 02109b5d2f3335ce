import type { Point, Series, SeriesQuery } from '#libs/series/port.ts';

/** A series store to run the contract on, empty and of its own. */
export interface SeriesWorld {
  /** Opens the store; several may be open at once. */
  open(): Series;
  /** What is stored now. The port's `read`, except where a server cannot be read through it. */
  read(query: SeriesQuery): Promise<readonly Point[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The present hour: within every retention, and in one shard of a server. */
export const T0 = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000;

export const HOST_FIELDS = ['cpu_utilization_ratio', 'node_power_watts', 'cpu_energy_joules_total'] as const;

export function point(
  node: string,
  timeMs: number,
  values: readonly number[],
  more: Partial<Point> = {},
): Point {
  return { measurement: 'frame', node, entity: 'host', timeMs, fields: HOST_FIELDS, values, ...more };
}

/** Points as plain data, in an order of their own, for comparison. */
export function plain(points: readonly Point[]): readonly unknown[] {
  return points
    .map(({ measurement, node, entity, timeMs, values }) => ({
      measurement,
      node,
      entity,
      timeMs,
      values: Array.from(values),
    }))
    .toSorted((a, b) => a.timeMs - b.timeMs || (a.node + a.entity < b.node + b.entity ? -1 : 1));
}

export function query(scopes: SeriesQuery['scopes'], more: Partial<SeriesQuery> = {}): SeriesQuery {
  return { measurement: 'frame', scopes, fields: HOST_FIELDS, ...more };
}

/** The hour from `T0` of every node named. */
export const hourOf = (...nodes: readonly string[]): SeriesQuery['scopes'] =>
  nodes.map((node) => ({ node, fromMs: T0, toMs: T0 + 3_600_000 }));
