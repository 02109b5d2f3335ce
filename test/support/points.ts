import { headerText } from '#libs/bus/header-text.ts';
import type { Bus, Delivered } from '#libs/bus/port.ts';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import { decodeFrame } from '#libs/model/decode.ts';
import { type EntityRow, entityName, type Frame } from '#libs/model/frame.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Series } from '#libs/series/port.ts';

/** Every record of a topic, in the order of its partitions. */
export async function readTopic(bus: Bus, topic: string): Promise<readonly Delivered[]> {
  const records: Delivered[] = [];
  await bus.replay(topic, {}, async (batch) => {
    records.push(...batch.records);
  });
  return records;
}

/** The frames that agents sent, each sequence number once. */
export async function framesOnBus(bus: Bus): Promise<readonly Frame[]> {
  const frames = new Map<string, Frame>();
  for (const record of await readTopic(bus, TOPICS.frames.name)) {
    if (headerText(record, HEADERS.type) !== 'frame') continue;
    const { frame } = decodeFrame(record.value);
    frames.set(`${frame.node}/${frame.boot}/${frame.sequence}`, frame);
  }
  return [...frames.values()];
}

/** `node entity time` → its values by name, absent ones left out. */
export type PointTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The points that these frames must become under `full`. */
export function expectedPoints(frames: readonly Frame[]): PointTable {
  const rows = frames.flatMap((frame) =>
    frame.entities.map((row) => [`${frame.node} ${entityName(row)} ${frame.endMs}`, valuesOf(row)] as const),
  );
  return Object.fromEntries(rows.filter(([, values]) => Object.keys(values).length > 0));
}

function valuesOf(row: EntityRow): Record<string, number> {
  const { gauges, counters } = LAYOUTS[row.kind];
  const named = [
    ...gauges.map((column, at) => [column.name, row.gauges[at] ?? Number.NaN] as const),
    ...counters.map((column, at) => [column.name, row.counters[at] ?? Number.NaN] as const),
  ];
  return Object.fromEntries(named.filter(([, value]) => !Number.isNaN(value)));
}

/** What the store gives back for the frames of these nodes; gauges are rounded to the float32 that they were. */
export async function storedPoints(series: Series, frames: readonly Frame[]): Promise<PointTable> {
  const nodes = [...new Set(frames.map((frame) => frame.node))];
  const times = frames.map((frame) => frame.endMs);
  const scope = { fromMs: Math.min(...times), toMs: Math.max(...times) + 1 };
  const table: Record<string, Record<string, number>> = {};
  for (const kind of ['host', 'gpu'] as const) {
    const { gauges, counters } = LAYOUTS[kind];
    const fields = [...gauges, ...counters].map((column) => column.name);
    const scopes = nodes.map((node) => ({ node, ...scope }));
    for (const point of await series.read({ measurement: 'frame', scopes, fields })) {
      if (!point.entity.startsWith(kind)) continue;
      const values = fields.flatMap((name, at) => {
        const value = point.values[at] ?? Number.NaN;
        return Number.isNaN(value) ? [] : [[name, at < gauges.length ? Math.fround(value) : value] as const];
      });
      table[`${point.node} ${point.entity} ${point.timeMs}`] = Object.fromEntries(values);
    }
  }
  return table;
}
