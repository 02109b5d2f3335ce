import { SUMMARY_MS } from '#libs/model/frame.ts';
import { NODE } from './node-table.ts';
import type { DetectParameters } from './parameters.ts';

/**
 * Notes how long after its end a frame was received. What waited in a spool comes faster than it was made, so that its
 * lag shrinks; that of a clock which is behind stays.
 * @param data of the node's numbers, from `at`
 * @returns whether for `clockBehindMinutes` of receive time the least lag of every minute was above the bound
 */
export function isBehind(
  data: Float64Array,
  at: number,
  endMs: number,
  receivedMs: number,
  parameters: DetectParameters,
): boolean {
  const minute = Math.ceil(receivedMs / SUMMARY_MS);
  if (minute > data[at + NODE.lagMinute]!) {
    settle(data, at, parameters);
    data[at + NODE.lagMinute] = minute;
    data[at + NODE.lagMs] = Number.POSITIVE_INFINITY;
  }
  data[at + NODE.lagMs] = Math.min(data[at + NODE.lagMs]!, receivedMs - endMs);
  const since = data[at + NODE.behindFrom]!;
  return since > 0 && minute - since >= parameters.clockBehindMinutes;
}

/** The minute that is over says whether the lag is still there; one that shrinks begins anew. */
function settle(data: Float64Array, at: number, parameters: DetectParameters): void {
  const [minute, lagMs, from] = [
    data[at + NODE.lagMinute]!,
    data[at + NODE.lagMs]!,
    data[at + NODE.behindFrom]!,
  ];
  if (minute === 0 || lagMs <= parameters.clockBehindMs) {
    data[at + NODE.behindFrom] = 0;
    return;
  }
  const shrunkMs = data[at + NODE.behindMs]! - lagMs;
  if (from > 0 && shrunkMs <= parameters.clockCatchUpRatio * (minute - from) * SUMMARY_MS) return;
  data[at + NODE.behindFrom] = minute;
  data[at + NODE.behindMs] = lagMs;
}
