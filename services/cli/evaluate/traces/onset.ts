import { SUMMARY_MS } from '#libs/model/frame.ts';
import { FAMILIES, type Family } from '#libs/traces/families.ts';
import type { TraceFrame } from '#libs/traces/recording/node-trace.ts';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import { idle } from '#libs/traces/simulate/workloads/idle.ts';
import { variedRun } from '#libs/traces/vary.ts';
import type { EvaluatedTrace } from './node-traces.ts';
import { wilson } from './quality.ts';
import { assessTrace } from './run.ts';
import { isOrdinary } from './scores.ts';
import { percent, type Section } from './section.ts';
import { isChange, isSudden } from './tally.ts';

const FRAME_SECONDS = 10;
const WINDOW_SECONDS = SUMMARY_MS / 1000;
const WINDOWS_AN_HOUR = 60;

/** Starts of real miners, and of throttled ones after the same machine's idle trace. */
export function onsetSection(traces: readonly EvaluatedTrace[]): Section {
  const own = traces.flatMap(({ result }): (string | number)[][] => {
    const labels = Object.keys(result.labels);
    if (!labels.some((label) => label.startsWith('pow_')) || !labels.includes('idle')) return [];
    return [[result.id, seconds(result.timeToChangeSeconds), result.changes.beforeOnset, '']];
  });
  const spliced = traces.flatMap((miner) => {
    const before = traces.find((other) => isIdleOf(other, miner));
    if (before === undefined) return [];
    return [[...spliceOf(before, miner), `spliced: ${before.trace.id} first, then ${miner.trace.id}`]];
  });
  return {
    title: 'Starts of proof-of-work as a change against the own past',
    note: 'From the first row labelled proof-of-work to the first change that is told of: by the frames while their window is open, else at the end of the first window that is unlike the past. A change alone is never flagged.',
    head: ['trace', 'seconds to the change', 'windows changed before', 'how'],
    rows: [...own, ...spliced],
  };
}

/** Another trace of the same machine on which nothing but idling is labelled. */
function isIdleOf(other: EvaluatedTrace, miner: EvaluatedTrace): boolean {
  const labels = (one: EvaluatedTrace) => Object.keys(one.result.labels);
  const only = (one: EvaluatedTrace, is: (label: string) => boolean) =>
    labels(one).length > 0 && labels(one).every(is);
  return (
    other.trace.device === miner.trace.device &&
    only(other, (label) => label === 'idle') &&
    only(miner, (label) => label.startsWith('pow_'))
  );
}

function spliceOf(before: EvaluatedTrace, miner: EvaluatedTrace): (string | number)[] {
  // The last window of the first trace may be cut short: the second begins with a window of its own.
  const shift = Math.ceil((before.frames.at(-1)?.endSeconds ?? 0) / WINDOW_SECONDS) * WINDOW_SECONDS;
  const frames = [...before.frames, ...miner.frames.map((frame) => later(frame, shift))];
  const { windows, earlySeconds } = assessTrace(frames);
  const changed = windows.filter(isChange).map(({ endSeconds }) => endSeconds);
  const told = [...changed, ...earlySeconds].sort((a, b) => a - b);
  const first = told.find((second) => second > shift);
  return [
    miner.trace.id,
    seconds(first === undefined ? null : first - shift),
    changed.filter((second) => second <= shift).length,
  ];
}

function later(frame: TraceFrame, bySeconds: number): TraceFrame {
  return { ...frame, endSeconds: frame.endSeconds + bySeconds };
}

function seconds(value: number | null): string | number {
  return value ?? 'not seen';
}

/** How often windows of ordinary runs are changes, and how often ordinary jobs' starts are. */
export function changeRateSection(
  traces: readonly EvaluatedTrace[],
  runs: number,
  step: () => void,
): Section {
  const real = traces.flatMap(({ trace, result }) =>
    Object.entries(result.labels)
      .filter(([label]) => !label.startsWith('pow_'))
      .map(([label, { windows, changed }]) => ({ trace: trace.id, label, windows, changed })),
  );
  const byLabel = [...Map.groupBy(real, ({ label }) => label)].map(([label, own]) => {
    const sum = (of: (one: (typeof own)[number]) => number) => own.reduce((total, one) => total + of(one), 0);
    return [
      `real windows labelled ${label}`,
      percent(
        wilson(
          sum((one) => one.changed),
          sum((one) => one.windows),
        ),
      ),
    ];
  });
  const starts = FAMILIES.filter(({ behaviour }) => behaviour !== 'B0' && behaviour !== 'B13').map(
    (family) => {
      const seen = Array.from({ length: runs }, (_, run) => startIsSeen(family, run));
      step();
      return [
        `synthetic start of ${family.name}${isOrdinary(family.behaviour) ? ', an honest job' : ''}`,
        percent(wilson(seen.filter(Boolean).length, runs)),
      ];
    },
  );
  return {
    title: 'How often ordinary work is a change',
    note: 'Any job that starts on an idle node is a change: that is why it is reported beside a verdict, and is none. Idle windows after a miner has ended are counted too: they differ from the first ones. Synthetic starts: six idle minutes, then the first whole window.',
    head: ['what', 'reported as a change'],
    rows: [...byLabel, ...suddenRows(traces), ...starts],
  };
}

/** Changes that frames show within seconds, an hour of ordinary work: at most one a window counts. */
function suddenRows(traces: readonly EvaluatedTrace[]): string[][] {
  const ordinary = traces
    .flatMap(({ windows }) => windows)
    .filter(({ label }) => label !== '' && !label.startsWith('pow_'));
  return [...Map.groupBy(ordinary, ({ label }) => label)].map(([label, own]) => {
    const { share, low, high } = wilson(own.filter(isSudden).length, own.length);
    const hourly = (ratio: number) => (ratio * WINDOWS_AN_HOUR).toFixed(1);
    return [
      `within seconds, in real windows labelled ${label}`,
      `${hourly(share)} an hour (${hourly(low)}–${hourly(high)})`,
    ];
  });
}

/** Six minutes idle, two at work. */
function startIsSeen(family: Family, run: number): boolean {
  const beginMs = 6 * SUMMARY_MS;
  const machine = new Machine({
    name: 'simulated',
    hardware: { ...HARDWARE.h100x8, gpus: 2 },
    shifts: [
      { fromMs: Number.NEGATIVE_INFINITY, workload: idle },
      { fromMs: beginMs, workload: variedRun(family) },
    ],
    flows: false,
    seed: 7_000_000 + run,
  });
  const frames = Array.from({ length: (8 * WINDOW_SECONDS) / FRAME_SECONDS }, (_, index): TraceFrame => {
    const endSeconds = (index + 1) * FRAME_SECONDS;
    const { samples, entities } = machine.interval(endSeconds * 1000, FRAME_SECONDS * 1000);
    return { endSeconds, samples, entities, labels: new Map() };
  });
  const window = assessTrace(frames).windows.find(({ startSeconds }) => startSeconds * 1000 === beginMs);
  return window !== undefined && isChange(window);
}
