import { windowFeatures } from '#libs/detect/evidence/windows.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { type TraceFrame, traceFrames } from '#libs/traces/recording/node-trace.ts';
import type { CsvTable } from '#libs/traces/recording/parse-csv.ts';
import { listNodes, readTrace } from './catalogue.ts';
import { chunks } from './chunks.ts';
import { behaviourOf } from './scores.ts';

/** A rest of fewer is left out; the last frame of a stretch may be filled in part. */
const LEAST_FRAMES = 3;

/** A window of one GPU, of frames with one label throughout. */
export interface GpuWindow {
  readonly trace: string;
  /** What the trace is a variant of: a fit is judged on families that it has not seen. */
  readonly family: string;
  readonly label: string;
  readonly behaviour: Behaviour;
  /** In the order of the features of the evidence. */
  readonly values: Float64Array;
}

/**
 * The labelled windows of recorded GPUs, the first of each beginning where the label does: what a program does before
 * it works is in none of them.
 * @param without ids of traces that are left out
 * @throws ConfigError for an id that is not listed; NotFoundError
 */
export async function gpuWindows(directory: string, without: readonly string[] = []): Promise<GpuWindow[]> {
  const windows: GpuWindow[] = [];
  for (const trace of await listNodes(directory, without)) {
    const table = await readTrace(directory, trace);
    for (const { label, frames } of stretches(table)) {
      const behaviour = behaviourOf(label);
      if (behaviour === null) continue;
      const of = { trace: trace.id, family: trace.family ?? trace.id, label, behaviour };
      const read = chunks(frames, LEAST_FRAMES).flatMap((own) => windowFeatures(own));
      windows.push(...read.filter(isMeasured).map((values) => ({ ...of, values })));
    }
  }
  return windows;
}

function isMeasured(values: Float64Array): boolean {
  return values.some((value) => !Number.isNaN(value));
}

/** Frames of one label, counted from where it begins to hold for all GPUs until it no longer does. */
function stretches(table: CsvTable): { label: string; frames: TraceFrame[] }[] {
  return beginnings(table).map(({ label, seconds }) => {
    const frames = traceFrames(table, undefined, seconds);
    const end = frames.findIndex(({ labels }) => labels.size > 1 || !labels.has(label));
    return { label, frames: end < 0 ? frames : frames.slice(0, end) };
  });
}

/** The first whole second of each. */
function beginnings(table: CsvTable): { label: string; seconds: number }[] {
  const [times, labels] = [table.number('time_s'), table.text('behaviour')];
  const bySecond = Map.groupBy(labels.keys(), (row) => Math.floor(times[row] ?? 0));
  let last = '';
  return [...bySecond]
    .sort(([a], [b]) => a - b)
    .flatMap(([seconds, rows]) => {
      const said = new Set(rows.map((row) => labels[row] ?? ''));
      const label = said.size === 1 ? ([...said][0] ?? '') : '';
      const begins = label !== '' && label !== last;
      last = label;
      return begins ? [{ label, seconds }] : [];
    });
}
