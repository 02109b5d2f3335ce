import type { NodeRecord } from '#libs/ledger/port.ts';
import { type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';
import { DEFAULT_INTERVAL_MS, type EntityRow, emptyRow } from '#libs/model/frame.ts';
import type { Point, Series } from '#libs/series/port.ts';
import { type Range, type Registers, registered, type Source } from './source.ts';
import { type BareFrame, Voices } from './voices.ts';

/** Nodes in one read, and nodes × minutes between two: what is held at a time. */
const NODES_A_READ = 200;
const NODE_MINUTES = 1_000;
const LONGEST_MINUTES = 60;
const MINUTE_MS = 60_000;

const FIELDS: Readonly<Record<EntityKind, readonly string[]>> = {
  host: fieldsOf('host'),
  gpu: fieldsOf('gpu'),
};

function fieldsOf(kind: EntityKind): readonly string[] {
  return [...LAYOUTS[kind].gauges, ...LAYOUTS[kind].counters].map(({ name }) => name);
}

/**
 * The frames of the series store, rebuilt from their points. Complete only of nodes that are stored under the
 * resolution `full`.
 */
export async function seriesSource(
  series: Pick<Series, 'read'>,
  ledger: Registers,
  { fromMs, toMs }: Range,
): Promise<Source> {
  const { nodes, register } = await registered(ledger);
  const minutes = Math.max(
    1,
    Math.min(LONGEST_MINUTES, Math.floor(NODE_MINUTES / Math.max(1, nodes.length))),
  );
  const stretchMs = minutes * MINUTE_MS;
  async function* batches(step: (by: number) => void) {
    const voices = new Voices();
    const intervals = new Map<string, number>();
    for (let at = fromMs; at < toMs; at += stretchMs) {
      const range = { fromMs: at, toMs: Math.min(toMs, at + stretchMs) };
      const frames: BareFrame[] = [];
      for (let first = 0; first < nodes.length; first += NODES_A_READ)
        frames.push(...(await read(series, nodes.slice(first, first + NODES_A_READ), range, intervals)));
      frames.sort((a, b) => a.endMs - b.endMs);
      yield voices.batch(frames);
      step(Math.round((range.toMs - range.fromMs) / MINUTE_MS));
    }
    yield voices.end();
  }
  return {
    kind: 'series',
    words: 'the frames of the series store',
    total: Math.round((toMs - fromMs) / MINUTE_MS),
    unseen: [
      'The store keeps every frame only under the resolution `full`; where it keeps summaries there is nothing to replay.',
      'It keeps no seals, receive times, connections and meter readings: clones, clocks ahead and load of blind nodes are not seen, and grades are D.',
      'Baselines begin with the first frame that is replayed, not with the 28 days of the running detector.',
      'Nodes and declarations are as the ledger has them now.',
    ],
    labelled: new Set(),
    async *stretches(step) {
      yield { register, batches: batches(step) };
    },
  };
}

/** Frames of some nodes within a range, by node and time. */
async function read(
  series: Pick<Series, 'read'>,
  nodes: readonly NodeRecord[],
  range: Range,
  intervals: Map<string, number>,
): Promise<readonly BareFrame[]> {
  // A scope begins where the range has not begun yet, and ends before its end.
  const scopes = nodes.map(({ node }) => ({ node, fromMs: range.fromMs + 1, toMs: range.toMs + 1 }));
  const query = { measurement: 'frame', scopes } as const;
  const hosts = await series.read({ ...query, entity: 'host', fields: FIELDS.host });
  const others = await series.read({ ...query, fields: FIELDS.gpu });
  const points = Map.groupBy([...hosts, ...others], ({ node }) => node);
  return nodes.flatMap(({ node, site }) => {
    const byTime = Map.groupBy(points.get(node) ?? [], ({ timeMs }) => timeMs);
    const times = [...byTime.keys()].sort((a, b) => a - b);
    const intervalMs = intervalOf(times) ?? intervals.get(node) ?? DEFAULT_INTERVAL_MS;
    intervals.set(node, intervalMs);
    return times.flatMap((endMs): BareFrame[] => {
      const entities = rowsOf(byTime.get(endMs) ?? []);
      const samples = Math.max(1, Math.round(intervalMs / 1000));
      return entities.length === 0 ? [] : [{ node, site, endMs, intervalMs, samples, entities }];
    });
  });
}

/** The middle one of the gaps between frames; null with fewer than three. */
function intervalOf(times: readonly number[]): number | null {
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  return gaps.length < 3 ? null : (gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? null);
}

/** Host first, then the GPUs in their order. */
function rowsOf(points: readonly Point[]): readonly EntityRow[] {
  const rows = points.flatMap((point) => rowOf(point) ?? []);
  return rows.sort((a, b) => (a.kind === b.kind ? a.index - b.index : a.kind === 'host' ? -1 : 1));
}

function rowOf({ entity, fields, values }: Point): EntityRow | null {
  const [, index] = /^gpu(\d+)$/.exec(entity) ?? [];
  const kind = index === undefined ? 'host' : 'gpu';
  // Each read asks for the fields of one kind.
  if ((kind === 'host' && entity !== 'host') || fields[0] !== FIELDS[kind][0]) return null;
  const row = emptyRow(kind, Number(index ?? 0), index === undefined ? '' : entity);
  const gauges = row.gauges.length;
  for (let i = 0; i < gauges; i++) row.gauges[i] = values[i] ?? Number.NaN;
  for (let i = 0; i < row.counters.length; i++) row.counters[i] = values[gauges + i] ?? Number.NaN;
  return row;
}
