import type { Ground, TimeInterval } from '#libs/model/assessment.ts';
import type { NodeTable } from './node-table.ts';
import type { NodeWindow, Observed } from './node-window.ts';
import type { DetectParameters } from './parameters.ts';
import { type Change, changeWithin } from './rules/change.ts';
import { drifts } from './rules/drift.ts';
import { type Onset, onset } from './rules/onset.ts';
import { type OwnPastResult, ownPast } from './rules/own-past.ts';
import { youngPast } from './rules/young-past.ts';

/** How a window differs from the node's own past, and since when. */
export interface Changes {
  readonly past: OwnPastResult;
  readonly grounds: readonly Ground[];
  readonly onset: TimeInterval | null;
}

/**
 * The window against the node's own past: by windows, by days, by seconds. An idle node has changed to nothing, but
 * for what rises within seconds.
 * @param crossed what crosses a declared bound furthest: its onset is looked for first
 */
export function changesIn(
  table: NodeTable,
  node: NodeWindow,
  crossed: Observed | null,
  idle: boolean,
  parameters: DetectParameters,
): Changes {
  const past = ownPast(node, parameters);
  const young = idle ? null : youngPast(table, node, parameters);
  const slow = young ? [...past.grounds, ...young.grounds, ...drifts(node, parameters)] : [];
  const worst = crossed ?? (idle ? null : (past.worst ?? young?.worst ?? null));
  const began = worst === null ? null : onset(table, node, worst, parameters);
  const change = changeWithin(node, idle, parameters);
  const dating = [change, began].flatMap((one) => (one ? [one.ground] : []));
  return { past, grounds: [...slow, ...dating], onset: dated(began, change) };
}

/** By the frames where they show it and no older change is at work: they are the finer clock. */
function dated(began: Onset | null, change: Change | null): TimeInterval | null {
  if (began === null || change === null) return began?.interval ?? change?.interval ?? null;
  const { fromMs, toMs } = began.interval;
  const within = change.interval.fromMs >= fromMs && change.interval.toMs <= toMs;
  return within ? change.interval : began.interval;
}
