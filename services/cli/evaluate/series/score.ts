import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { ALERT_SCORE, AnomalyDetector } from '#libs/detect/anomaly/detector.ts';
import type { Season } from '#libs/detect/anomaly/season.ts';
import { UnreadableFileError } from '#libs/runtime/errors.ts';
import { isUnreadable, type LabelColumn, layoutOf, readRow, type SeriesLayout } from './csv.ts';

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
  /** Cells that hold something else than a number or a time. */
  readonly unreadable: number;
  readonly stateBytes: number;
}

/** Scores of one file in the making. */
interface Tally {
  rows: number;
  columns: number;
  alerts: number;
  unreadable: number;
  stateBytes: number;
}

/** One file under way. */
interface Run {
  readonly layout: SeriesLayout;
  readonly detector: AnomalyDetector;
  readonly values: Float64Array;
  timeMs: number;
  /** As the newest row has it; NaN: it cannot be read. */
  givenMs: number;
  /** Cells that could be read. */
  readonly read: { values: number; times: number };
  /** The first of the others, in words; null: none yet. */
  fault: string | null;
}

const DIGITS = 6;
/** Characters of a cell that a message shows. */
const QUOTED = 40;
/** Lines written at a time. */
const CHUNK = 1000;

/**
 * Scores one series row by row, as it would be live, and writes a CSV of the same name with an `anomaly_score` a row
 * (and the timestamp, where there is one). A name ending in .gz is compressed on both sides.
 * @throws UnreadableFileError, naming the file, where it is not compressed as its name says, and where no value or no time
 * in it can be read; what was written of it is removed.
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
  const tally: Tally = { rows: 0, columns: 0, alerts: 0, unreadable: 0, stateBytes: 0 };
  const raw = createReadStream(join(from, name));
  const texts = (zipped ? raw.compose(createGunzip()) : raw).setEncoding('utf8');
  const source = Readable.from(inChunks(scored(linesOf(texts), options, tally)));
  const sink = createWriteStream(target);
  try {
    await (zipped ? pipeline(source, createGzip(), sink) : pipeline(source, sink));
  } catch (error) {
    await rm(target, { force: true });
    throw named(error, join(from, name));
  }
  return { name, ...tally };
}

/** With the file's name, where the content is at fault. */
function named(error: unknown, path: string): unknown {
  if (error instanceof UnreadableFileError)
    return new UnreadableFileError(`${path}, ${error.message}`, { cause: error });
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (!code.startsWith('Z_')) return error;
  return new UnreadableFileError(`${path}: expected a whole gzip file, got ${message}`, { cause: error });
}

/** Not `readline`: where its input breaks off, it ends the process. */
async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of texts) {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

async function* scored(
  lines: AsyncIterable<string>,
  options: ScoreOptions,
  tally: Tally,
): AsyncGenerator<string> {
  let run: Run | null = null;
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    if (run === null) {
      run = begin(line, options, tally);
      yield run.layout.time === null ? 'anomaly_score' : 'timestamp,anomaly_score';
      if (run.layout.header) continue;
    }
    const cells = line.split(',');
    yield scoredRow(cells, run, tally);
    noteUnreadable(cells, number, run, tally);
  }
  if (run !== null) assertRead(run);
}

function noteUnreadable(cells: readonly string[], line: number, run: Run, tally: Tally): void {
  const note = (column: number, value: number, kind: 'values' | 'times') => {
    const cell = cells[column] ?? '';
    if (!Number.isNaN(value)) run.read[kind]++;
    if (!isUnreadable(cell, value)) return;
    tally.unreadable++;
    const expected = kind === 'times' ? 'a time, ISO 8601 or an epoch' : 'numbers, separated by commas';
    run.fault ??= `line ${line}: expected ${expected}, got ${JSON.stringify(cell.slice(0, QUOTED))}`;
  };
  const { time, values } = run.layout;
  if (time !== null) note(time, run.givenMs, 'times');
  for (const [index, column] of values.entries()) note(column, run.values[index] ?? Number.NaN, 'values');
}

/** A file of which nothing could be read would look as if it had no anomaly. */
function assertRead({ layout, read, fault }: Run): void {
  const nothing = read.values === 0 || (layout.time !== null && read.times === 0);
  if (nothing && fault !== null) throw new UnreadableFileError(fault);
}

function scoredRow(cells: readonly string[], run: Run, tally: Tally): string {
  const timeMs = readRow(cells, tally.rows, run.layout, run.values);
  run.givenMs = timeMs;
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
  return {
    layout,
    detector,
    values: new Float64Array(layout.values.length),
    timeMs: 0,
    givenMs: 0,
    read: { values: 0, times: 0 },
    fault: null,
  };
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
