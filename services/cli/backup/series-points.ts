import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ENTITY_KINDS, LAYOUTS } from '#libs/model/catalogue.ts';
import { ArchiveError } from '#libs/runtime/errors.ts';
import type { Measurement, Point, Series, SeriesQuery } from '#libs/series/port.ts';
import { ASSESSMENT_FIELDS } from '#services/writer/assessment-points.ts';
import { FLOW_FIELDS } from '#services/writer/frame-points.ts';
import { readLines, writeLines } from './lines.ts';
import { type Member, memberOf } from './manifest.ts';

const FOLDER = 'series';
const PATH = `${FOLDER}/points.jsonl`;
const DAY_MS = 86_400_000;
/** Looked at where points are kept for ever. */
const LONGEST_DAYS = 3_650;
/** Clocks that are ahead, and fleets whose time is accelerated. */
const AHEAD_DAYS = 32;
/** A node of 8 GPUs has 3,240 points an hour: so much is in memory at once. */
const POINTS_WANTED = 20_000;
const SHORTEST_WINDOW_MS = 600_000;
const LINES_AT_ONCE = 2_000;

const columns = ENTITY_KINDS.flatMap((kind) =>
  [...LAYOUTS[kind].gauges, ...LAYOUTS[kind].counters].map(({ name }) => name),
);
const FRAME_FIELDS = [...columns, ...FLOW_FIELDS];
const FIELDS: Readonly<Record<Measurement, readonly string[]>> = {
  frame: FRAME_FIELDS,
  summary: FRAME_FIELDS,
  assessment: ASSESSMENT_FIELDS,
};

/** Begins a run of points: they are lines `[number of this head, time in Unix ms, values…]`. */
interface Head extends Pick<Point, 'measurement' | 'node' | 'entity' | 'fields'> {
  readonly head: number;
}
type PointLine = readonly [head: number, timeMs: number, ...values: number[]];
type Line = Head | PointLine;

export interface PointRange {
  readonly nodes: readonly string[];
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly nowMs: number;
}

/**
 * Writes the points of these nodes as JSON lines, read through the port a window at a time, so that one store's points
 * go into any other. Memory is bounded by what a node makes in a day.
 */
export async function dumpSeries(series: Series, range: PointRange, folder: string): Promise<Member> {
  await mkdir(join(folder, FOLDER), { recursive: true });
  let points = 0;
  async function* blocks() {
    const heads = new Map<string, number>();
    for await (const read of windows(series, range)) {
      points += read.length;
      for (let from = 0; from < read.length; from += LINES_AT_ONCE) {
        yield read.slice(from, from + LINES_AT_ONCE).flatMap((point) => linesOf(point, heads));
      }
    }
  }
  await writeLines(join(folder, PATH), blocks());
  return await memberOf(folder, PATH, points);
}

/** Writes an archive's points. Points that are there already are overwritten by the same. @returns how many */
export async function loadSeries(series: Series, folder: string): Promise<number> {
  await series.prepare();
  const heads = new Map<number, Head>();
  let points = 0;
  for await (const lines of readLines<Line>(join(folder, PATH), LINES_AT_ONCE)) {
    const batch = lines.flatMap((line) => pointOf(line, heads));
    const { refused } = await series.write(batch);
    const [first] = refused;
    if (first) throw new ArchiveError(`${refused.length} points were refused, the first: ${first.reason}`);
    points += batch.length;
  }
  return points;
}

async function* windows(series: Series, { nodes, ...span }: PointRange): AsyncGenerator<readonly Point[]> {
  for (const node of nodes) {
    for (const measurement of Object.keys(FIELDS) as Measurement[]) {
      yield* windowsOf(series, { measurement, fields: FIELDS[measurement] }, node, span);
    }
  }
}

/** Halves the window where many points are, and doubles it again where few are, up to a day. */
async function* windowsOf(
  series: Series,
  asked: Pick<SeriesQuery, 'measurement' | 'fields'>,
  node: string,
  { retentionDays, nowMs }: Omit<PointRange, 'nodes'>,
): AsyncGenerator<readonly Point[]> {
  const days = retentionDays === 0 ? LONGEST_DAYS : retentionDays + 1;
  const endMs = nowMs + AHEAD_DAYS * DAY_MS;
  let windowMs = DAY_MS;
  for (let fromMs = nowMs - days * DAY_MS; fromMs < endMs; ) {
    const toMs = Math.min(endMs, fromMs + windowMs);
    const points = await series.read({ ...asked, scopes: [{ node, fromMs, toMs }] });
    if (points.length > 0) yield points;
    if (points.length > POINTS_WANTED) windowMs = Math.max(SHORTEST_WINDOW_MS, windowMs / 2);
    else if (points.length < POINTS_WANTED / 4) windowMs = Math.min(DAY_MS, windowMs * 2);
    fromMs = toMs;
  }
}

/** The point's line, after a head where none of its node, entity and present fields came before. */
function linesOf({ measurement, node, entity, timeMs, fields, values }: Point, heads: Map<string, number>) {
  const present: number[] = [];
  for (let at = 0; at < fields.length; at++) if (!Number.isNaN(values[at])) present.push(at);
  const key = `${measurement}\n${node}\n${entity}\n${present.join()}`;
  const known = heads.get(key);
  const head = known ?? heads.size;
  const line: Line = [head, timeMs, ...present.map((at) => values[at] ?? Number.NaN)];
  if (known !== undefined) return [line];
  heads.set(key, head);
  return [{ head, measurement, node, entity, fields: present.map((at) => fields[at] ?? '') }, line];
}

function pointOf(line: Line, heads: Map<number, Head>): readonly Point[] {
  if (!isPointLine(line)) {
    heads.set(line.head, line);
    return [];
  }
  const [number, timeMs, ...values] = line;
  const head = heads.get(number);
  if (head === undefined) throw new ArchiveError(`${PATH}: expected a head ${number} before its points`);
  const { measurement, node, entity, fields } = head;
  return [{ measurement, node, entity, timeMs, fields, values }];
}

function isPointLine(line: Line): line is PointLine {
  return Array.isArray(line);
}
