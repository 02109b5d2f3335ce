import type { Example } from '#libs/detect/evidence/fit.ts';
import { HOST_FEATURES } from '#libs/detect/host-evidence/features.ts';
import { hostWindowFeatures } from '#libs/detect/host-evidence/windows.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { DEFAULT_INTERVAL_MS } from '#libs/model/frame.ts';
import { type TraceFrame, traceFrames } from '#libs/traces/recording/node-trace.ts';
import { listNodes, readTrace } from './catalogue.ts';
import { chunks } from './chunks.ts';
import { behaviourOf } from './scores.ts';
import { undescribedHosts } from './undescribed-hosts.ts';

const FRAME_SECONDS = DEFAULT_INTERVAL_MS / 1000;
/** The rest at the end of a run counts as a window with so many frames and more. */
const LEAST_FRAMES = 5;
const CPU = HOST_FEATURES.findIndex(({ name }) => name === 'cpu');

/** What a machine without GPUs did for as long as one label holds: whole frames of it alone, from second 0. */
export interface HostRun {
  readonly trace: string;
  /** What it is a variant of: a fit is judged on families that it has not seen. */
  readonly family: string;
  readonly label: string;
  readonly behaviour: Behaviour;
  readonly frames: readonly TraceFrame[];
}

/** A window of a run; values in the order of {@link HOST_FEATURES}. */
export type HostWindow = HostRun & { readonly values: Float64Array };

/**
 * Labelled runs of machines without GPUs.
 * @param without ids of traces that are left out
 * @throws ConfigError for an id that is not listed; NotFoundError
 */
export async function hostRuns(directory: string, without: readonly string[] = []): Promise<HostRun[]> {
  const runs: HostRun[] = [];
  for (const trace of await listNodes(directory, without)) {
    const frames = traceFrames(await readTrace(directory, trace));
    if (frames.some(({ entities }) => entities.some(({ kind }) => kind === 'gpu'))) continue;
    for (const { label, frames: own } of runsOf(frames)) {
      const behaviour = behaviourOf(label);
      if (behaviour === null) continue;
      runs.push({ trace: trace.id, family: trace.family ?? trace.id, label, behaviour, frames: own });
    }
  }
  return runs;
}

/** Frames whose rows all have one label, cut where it changes. */
function runsOf(frames: readonly TraceFrame[]): { label: string; frames: TraceFrame[] }[] {
  const runs: { label: string; frames: TraceFrame[] }[] = [];
  let last = '';
  for (const frame of frames) {
    const label = labelOf(frame);
    if (label !== '' && label !== last) runs.push({ label, frames: [] });
    last = label;
    const own = label === '' ? undefined : runs.at(-1)?.frames;
    own?.push({ ...frame, endSeconds: (own.length + 1) * FRAME_SECONDS });
  }
  return runs;
}

function labelOf({ labels }: TraceFrame): string {
  return labels.size === 1 ? ([...labels.keys()][0] ?? '') : '';
}

/** The windows of runs in which the CPU was busy: a host that rests is idle by a rule of its own. */
export function busyWindows(runs: readonly HostRun[]): HostWindow[] {
  return runs.flatMap((run) =>
    chunks(run.frames, LEAST_FRAMES)
      .flatMap((frames) => hostWindowFeatures(frames).map((values) => ({ ...run, values })))
      .filter(({ values }) => (values[CPU] ?? 0) >= PARAMETERS.busyCpuRatio),
  );
}

/** What a fit of hosts learns from: these windows, and work that nobody has described. */
export function hostExamples(windows: readonly HostWindow[]): Example[] {
  const recorded = windows.map(({ family, behaviour, values }) => ({ family, behaviour, values }));
  return [...recorded, ...undescribedHosts()];
}
