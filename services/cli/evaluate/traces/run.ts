import { createHash } from 'node:crypto';
import type { EvidenceTables } from '#libs/detect/evidence/model.ts';
import { assessRun, type OfflineFrame } from '#libs/detect/offline.ts';
import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { EMPTY_REGISTER } from '#libs/detect/register.ts';
import { SiteStage } from '#libs/detect/site-stage.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import type { TraceFrame } from '#libs/traces/recording/node-trace.ts';

/** A Monday at noon; where a trace begins is not recorded. */
const START_MS = Date.UTC(2026, 0, 5, 12);
/** Share of a window's rows that must have one label for the window to be scored. */
const LABEL_SHARE = 2 / 3;
const WINDOW_SECONDS = SUMMARY_MS / 1000;

/** One window of a trace with its label, '' where none holds for two thirds of its rows. */
export interface LabelledWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly label: string;
  readonly assessment: Assessment;
}

export interface AssessedTrace {
  readonly windows: readonly LabelledWindow[];
  /** End of the window that completes each finding of stage 2, seconds from the start. */
  readonly findingSeconds: readonly number[];
  /** When a change was told of before its window was over. */
  readonly earlySeconds: readonly number[];
}

export interface RunOptions {
  readonly parameters?: DetectParameters;
  readonly model?: EvidenceTables;
  readonly hostModel?: EvidenceTables;
}

/** Ordinary compute of every kind, without bounds: what is asked is what the counters say. */
const DECLARATION: Declaration = {
  id: 'evaluation',
  version: 1,
  tenant: 'evaluation',
  nodes: ['trace'],
  behaviours: ['B0', 'B1', 'B2', 'B3'],
  envelope: [],
  validFromMs: 0,
  validToMs: null,
  approver: 'evaluation',
  recordedMs: 0,
};

/** Puts the frames of one node through both stages of the detector, offline. */
export function assessTrace(frames: readonly TraceFrame[], options: RunOptions = {}): AssessedTrace {
  const parameters = options.parameters ?? PARAMETERS;
  const assessments = assessRun(
    {
      node: 'trace',
      site: 'evaluation',
      declaration: DECLARATION,
      frames: frames.map(offline),
      ...(options.model ? { model: options.model } : {}),
      ...(options.hostModel ? { hostModel: options.hostModel } : {}),
    },
    parameters,
    sha256,
  );
  const last = new Map<number, Assessment>();
  const present = assessments.filter(({ heartbeat }) => heartbeat === 'present');
  for (const one of present) if (isWhole(one)) last.set(one.windowEndMs, one);
  const labels = labelsByWindow(frames);
  return {
    windows: [...last.values()].map((assessment) => {
      const endSeconds = (assessment.windowEndMs - START_MS) / 1000;
      const label = labels.get(endSeconds / WINDOW_SECONDS) ?? '';
      return { startSeconds: endSeconds - WINDOW_SECONDS, endSeconds, label, assessment };
    }),
    findingSeconds: findings(assessments, parameters),
    earlySeconds: present
      .filter((one) => !isWhole(one))
      .map(({ windowEndMs }) => (windowEndMs - START_MS) / 1000),
  };
}

function offline({ endSeconds, samples, entities }: TraceFrame): OfflineFrame {
  return { endMs: START_MS + endSeconds * 1000, samples, entities };
}

/** Label of each window by its number, from 1. */
function labelsByWindow(frames: readonly TraceFrame[]): Map<number, string> {
  const byWindow = Map.groupBy(frames, ({ endSeconds }) => Math.ceil(endSeconds / WINDOW_SECONDS));
  return new Map([...byWindow].map(([window, own]) => [window, labelOf(own)]));
}

function labelOf(frames: readonly TraceFrame[]): string {
  const counts = new Map<string, number>();
  let rows = 0;
  for (const { labels } of frames) {
    for (const [label, count] of labels) {
      counts.set(label, (counts.get(label) ?? 0) + count);
      rows += count;
    }
  }
  for (const [label, count] of counts) if (count >= LABEL_SHARE * rows) return label;
  return '';
}

function findings(assessments: readonly Assessment[], parameters: DetectParameters): number[] {
  const found: number[] = [];
  const stage = new SiteStage({
    parameters,
    hash: sha256,
    register: () => EMPTY_REGISTER,
    publish: ({ kind, status, assessments: grounds }) => {
      const endMs = grounds.at(-1)?.windowEndMs;
      if (kind === 'deviation' && status === 'open' && endMs !== undefined)
        found.push((endMs - START_MS) / 1000);
    },
  });
  for (const one of assessments) stage.assessment(one);
  return found;
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
