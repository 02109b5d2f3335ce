import type { Ground, TimeInterval } from '#libs/model/assessment.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import { latestChangePoint } from '#libs/stats/change-point.ts';
import { CALENDAR } from '../baseline.ts';
import { series } from '../history.ts';
import type { NodeTable } from '../node-table.ts';
import type { EntityWindow, NodeWindow, Observed } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { inWords, round, show, smallestSpread, weigh } from '../spread.ts';

export interface Onset {
  readonly interval: TimeInterval;
  readonly ground: Ground;
}

/**
 * When the present level of a metric began: the latest change point in the node's recorded windows, with its
 * confidence interval in event time. Null for a metric that is not tracked, and where no change is found.
 */
export function onset(
  table: NodeTable,
  node: NodeWindow,
  { metric, entity }: Observed,
  parameters: DetectParameters,
): Onset | null {
  const track = entity.layout.tracked.indexOf(entity.layout.metrics.indexOf(metric));
  if (track < 0) return null;
  const past = series(table, node.row, entity.history, entity.row, track, 0, node.window);
  if (past.count === 0) return null;
  const change = latestChangePoint(past.values, past.count, {
    confidence: parameters.onsetConfidence,
    smallestSd: smallestSpread(metric, past.values[past.count - 1]!, parameters),
    likelihoodRatio: parameters.onsetLikelihoodRatio,
  });
  if (change === null) return null;
  // A shift inside a window moves that window's mean only in part: the window before the set belongs to it.
  const from = (past.windows[change.from - 1]! - 1) * SUMMARY_MS;
  const interval = narrowed(node, entity, { fromMs: from, toMs: past.windows[change.to]! * SUMMARY_MS });
  const [before, after] = [show(metric, change.before), show(metric, change.after)];
  const ground = {
    rule: 'onset',
    metric: metric.name,
    weight: weigh(change.likelihoodRatio / parameters.onsetLikelihoodRatio, parameters),
    observed: round(change.after),
    expected: round(change.before),
    text: `${inWords(metric)} of ${entity.name} went from ${before} to ${after} between ${time(interval.fromMs)} and ${time(interval.toMs)}`,
  };
  return { interval, ground };
}

/** Where the entity's frames show a change within that interval of windows, it is theirs. */
function narrowed({ calendar }: NodeWindow, { name }: EntityWindow, interval: TimeInterval): TimeInterval {
  if (calendar === null) return interval;
  const { data, at } = calendar;
  const gpu = data[at + CALENDAR.changedGpu]!;
  const fromMs = data[at + CALENDAR.changedFromMs]!;
  const toMs = data[at + CALENDAR.changedToMs]!;
  const same = name === (gpu < 0 ? 'host' : `gpu${gpu}`);
  return same && fromMs >= interval.fromMs && toMs <= interval.toMs ? { fromMs, toMs } : interval;
}

/** To the minute, or to the second where it is none. */
function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, ms % SUMMARY_MS === 0 ? 16 : 19)}Z`;
}
