import { DEFAULT_INTERVAL_MS, SUMMARY_MS } from '#libs/model/frame.ts';
import type { TraceFrame } from '#libs/traces/recording/node-trace.ts';

const WINDOW_FRAMES = SUMMARY_MS / DEFAULT_INTERVAL_MS;

/** Frames by windows, from the first on. @param least frames without which the rest at the end is left out */
export function chunks(frames: readonly TraceFrame[], least: number): TraceFrame[][] {
  return Array.from({ length: Math.ceil(frames.length / WINDOW_FRAMES) }, (_, window) =>
    frames.slice(window * WINDOW_FRAMES, (window + 1) * WINDOW_FRAMES),
  ).filter(({ length }) => length >= least);
}
