import { TRACE_LEVELS, type TraceLevel, traceLevel } from '#libs/traces/recording/columns.ts';
import { type TraceFrame, traceFrames } from '#libs/traces/recording/node-trace.ts';
import type { CsvTable } from '#libs/traces/recording/parse-csv.ts';
import { type ListedTrace, readTrace } from './catalogue.ts';
import { type AssessedTrace, assessTrace, type LabelledWindow, type RunOptions } from './run.ts';
import { isChange, type LabelTally, tally } from './tally.ts';

/** What `--json` says of one trace. */
export interface TraceResult {
  readonly id: string;
  readonly labels: Readonly<Record<string, LabelTally>>;
  /** From the first row labelled proof-of-work to the first finding; null: there is none. */
  readonly timeToFindingSeconds: number | null;
  /** From that row to the first change against the node's own past that is told of: at a window's end, or early by its frames. */
  readonly timeToChangeSeconds: number | null;
  /** Windows that are a change, in all and before the first row labelled proof-of-work. */
  readonly changes: { readonly windows: number; readonly beforeOnset: number };
  /** What of the trace could be read. */
  readonly level: TraceLevel;
}

export interface EvaluatedTrace {
  readonly trace: ListedTrace;
  readonly result: TraceResult;
  readonly frames: readonly TraceFrame[];
  readonly windows: readonly LabelledWindow[];
}

export interface TraceOptions extends RunOptions {
  /** What a poorer agent could read; default: all there is. */
  readonly level?: TraceLevel;
  /** Columns of the file that are left out beside. */
  readonly without?: readonly string[];
}

/** Reads and assesses one trace of a node. */
export async function evaluateTrace(
  directory: string,
  trace: ListedTrace,
  { level = 'L3', without = [], ...options }: TraceOptions = {},
): Promise<EvaluatedTrace> {
  const table = await readTrace(directory, trace);
  const frames = traceFrames(table, (name) => above(traceLevel(name), level) || without.includes(name));
  const assessed = assessTrace(frames, options);
  const result = resultOf(trace.id, assessed, firstPow(table), levelOf(table, level));
  return { trace, result, frames, windows: assessed.windows };
}

function resultOf(
  id: string,
  { windows, findingSeconds, earlySeconds }: AssessedTrace,
  onset: number | null,
  level: TraceLevel,
): TraceResult {
  const after = (seconds: readonly number[]) =>
    onset === null ? null : (seconds.find((second) => second > onset) ?? null);
  const since = (second: number | null) => (second === null || onset === null ? null : round(second - onset));
  const changed = windows.filter(isChange).map(({ endSeconds }) => endSeconds);
  const told = [...changed, ...earlySeconds].sort((a, b) => a - b);
  return {
    id,
    labels: tally(windows),
    timeToFindingSeconds: since(after(findingSeconds)),
    timeToChangeSeconds: since(after(told)),
    changes: {
      windows: changed.length,
      beforeOnset: onset === null ? 0 : changed.filter((second) => second <= onset).length,
    },
    level,
  };
}

/** Seconds of the first row whose label is a kind of proof-of-work; null without one. */
function firstPow(table: CsvTable): number | null {
  const seconds = table.number('time_s');
  let first = Number.POSITIVE_INFINITY;
  table.text('behaviour').forEach((label, row) => {
    if (label.startsWith('pow_')) first = Math.min(first, seconds[row] ?? first);
  });
  return Number.isFinite(first) ? first : null;
}

function levelOf(table: CsvTable, limit: TraceLevel): TraceLevel {
  const skipped = new Set(['time_s', 'gpu', 'behaviour']);
  const levels = table.names.filter((name) => !skipped.has(name)).map(traceLevel);
  return TRACE_LEVELS.findLast((level) => !above(level, limit) && levels.includes(level)) ?? 'L1';
}

function above(level: TraceLevel, limit: TraceLevel): boolean {
  return TRACE_LEVELS.indexOf(level) > TRACE_LEVELS.indexOf(limit);
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
