import type { Ground, TimeInterval } from '#libs/model/assessment.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import { CHANGE, noteAt } from '../baseline.ts';
import type { NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { inWords, round, show, weigh } from '../spread.ts';

export interface Change {
  /** From the end of the last frame of the old level to that of the frame that shows the new one. */
  readonly interval: TimeInterval;
  readonly ground: Ground;
}

/**
 * The first change of level within seconds that a window's frames showed; null without one. A window that is idle
 * has changed to nothing: then only a rise counts. It weighs half, as a change against a young past does: any job
 * that starts is one.
 */
export function changeWithin(node: NodeWindow, idle: boolean, parameters: DetectParameters): Change | null {
  if (node.calendar === null) return null;
  const { data } = node.calendar;
  const at = node.calendar.at + noteAt(node.window);
  const toMs = data[at + CHANGE.toMs]!;
  const [before, after] = [data[at + CHANGE.before]!, data[at + CHANGE.after]!];
  if (Math.ceil(toMs / SUMMARY_MS) !== node.window || (idle && after < before)) return null;
  const name = data[at + CHANGE.gpu]! < 0 ? 'host' : `gpu${data[at + CHANGE.gpu]}`;
  const entity = node.entities.find((one) => one.name === name);
  const metric = entity?.layout.metrics[entity.layout.tracked[data[at + CHANGE.track]!]!];
  if (metric === undefined) return null;
  const interval = { fromMs: data[at + CHANGE.fromMs]!, toMs };
  const distance = data[at + CHANGE.score]! / parameters.changeThreshold;
  const ground = {
    rule: 'change',
    metric: metric.name,
    weight: round(weigh(distance, parameters) / 2),
    observed: round(after),
    expected: round(before),
    text: `${inWords(metric)} of ${name} went from ${show(metric, before)} to ${show(metric, after)} within seconds, between ${time(interval.fromMs)} and ${time(toMs)}`,
  };
  return { interval, ground };
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
