import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { ALERT_SCORE, AnomalyDetector } from '#libs/detect/anomaly/detector.ts';
import type { Season } from '#libs/detect/anomaly/season.ts';
import { type LabelColumn, layoutOf, readRow, type SeriesLayout } from './csv.ts';

export interface ScoreOptions {
  readonly season: Season;
  readonly label: LabelColumn;
}

/** What was read of one file, and what the detector kept and took for it. */
export interface ScoredFile {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly alerts: number;
  readonly stateBytes: number;
}

/** Scores of one file in the making. */
interface Tally {
  rows: number;
  columns: number;
  alerts: number;
  stateBytes: number;
}

/** One file under way. */
interface Run {
  readonly layout: SeriesLayout;
  readonly detector: AnomalyDetector;
  readonly values: Float64Array;
  timeMs: number;
}

const DIGITS = 6;
/** Lines written at a time. */
const CHUNK = 1000;

/**
 * Scores one series row by row, as it would be live, and writes a CSV of the same name with an `anomaly_score` a row
 * (and the timestamp, where there is one). A name ending in .gz is compressed on both sides.
 */
export async function scoreFile(
  from: string,
  to: string,
  name: string,
  options: ScoreOptions,
): Promise<ScoredFile> {
  const zipped = name.endsWith('.gz');
  const target = join(to, name);
  await mkdir(dirname(target), { recursive: true });
  const tally: Tally = { rows: 0, columns: 0, alerts: 0, stateBytes: 0 };
  const raw = createReadStream(join(from, name));
  const lines = createInterface({ input: zipped ? raw.compose(createGunzip()) : raw });
  const source = Readable.from(inChunks(scored(lines, options, tally)));
  const sink = createWriteStream(target);
  await (zipped ? pipeline(source, createGzip(), sink) : pipeline(source, sink));
  return { name, ...tally };
}

async function* scored(
  lines: AsyncIterable<string>,
  options: ScoreOptions,
  tally: Tally,
): AsyncGenerator<string> {
  let run: Run | null = null;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    if (run === null) {
      run = begin(line, options, tally);
      yield run.layout.time === null ? 'anomaly_score' : 'timestamp,anomaly_score';
      if (run.layout.header) continue;
    }
    yield scoredRow(line.split(','), run, tally);
  }
}

function scoredRow(cells: readonly string[], run: Run, tally: Tally): string {
  const timeMs = readRow(cells, tally.rows, run.layout, run.values);
  // A timestamp that cannot be read counts as the one before it: the row still has values.
  if (!Number.isNaN(timeMs)) run.timeMs = timeMs;
  const score = run.detector.step(run.timeMs, run.values);
  tally.rows++;
  if (score >= ALERT_SCORE) tally.alerts++;
  const time = run.layout.time === null ? '' : `${cells[run.layout.time] ?? ''},`;
  return time + score.toFixed(DIGITS);
}

function begin(line: string, { season, label }: ScoreOptions, tally: Tally): Run {
  const layout = layoutOf(line, label);
  const detector = new AnomalyDetector(layout.values.length, season);
  tally.columns = layout.values.length;
  tally.stateBytes = detector.byteLength;
  return { layout, detector, values: new Float64Array(layout.values.length), timeMs: 0 };
}

async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk: string[] = [];
  for await (const line of lines) {
    chunk.push(line);
    if (chunk.length < CHUNK) continue;
    yield `${chunk.join('\n')}\n`;
    chunk = [];
  }
  if (chunk.length > 0) yield `${chunk.join('\n')}\n`;
}
