import type { Assessment } from '#libs/model/assessment.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { DEFAULT_INTERVAL_MS, type EntityRow } from '#libs/model/frame.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import type { EvidenceTables } from './evidence/model.ts';
import { NodeStage } from './node-stage.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import { buildRegister } from './register.ts';

/** One frame of a run that is assessed offline. */
export interface OfflineFrame {
  /** Unix ms. */
  readonly endMs: number;
  readonly samples: number;
  readonly entities: readonly EntityRow[];
}

export interface OfflineRun {
  readonly node: string;
  readonly site: string;
  readonly declaration: Declaration | null;
  /** In the order of time. */
  readonly frames: Iterable<OfflineFrame>;
  /** Default: the model that is shipped. */
  readonly model?: EvidenceTables;
  readonly hostModel?: EvidenceTables;
}

/**
 * Puts a recorded or simulated run through stage 1 as the running detector would: over the wire's encoding, window by
 * window. The run counts as signed by an enrolled key: what is asked here is what the counters say.
 */
export function assessRun(run: OfflineRun, parameters: DetectParameters, hash: Hash): Assessment[] {
  const assessments: Assessment[] = [];
  const declarations = run.declaration ? [run.declaration] : [];
  const register = buildRegister([], declarations);
  const stage = new NodeStage({
    parameters,
    hash,
    register: () => register,
    ...(run.model ? { model: run.model } : {}),
    ...(run.hostModel ? { hostModel: run.hostModel } : {}),
    summary: () => undefined,
    assessment: (one) => assessments.push(one),
  });
  const decoder = new FrameDecoder();
  let sequence = 0;
  let endMs = 0;
  for (const frame of run.frames) {
    sequence++;
    endMs = frame.endMs;
    const bytes = encodeFrame({ ...UNCHAINED, ...frame, node: run.node, site: run.site, sequence });
    stage.frame(decoder.decode(bytes), frame.endMs, () => 0);
  }
  for (let tick = 1; tick <= parameters.closeTicks; tick++) {
    const timeMs = endMs + parameters.graceMs + tick * TICK_MS;
    stage.tick({ index: Math.ceil(timeMs / TICK_MS), timeMs });
  }
  return assessments;
}

/** What a frame needs that is neither chained nor signed, and has no flows. */
export const UNCHAINED = {
  boot: '0'.repeat(32),
  intervalMs: DEFAULT_INTERVAL_MS,
  previous: new Uint8Array(32),
  flows: [],
  groups: [],
  covers: [],
};
