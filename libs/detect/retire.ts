import type { Ground } from '#libs/model/assessment.ts';
import { FINDING_KINDS } from '#libs/model/finding.ts';
import { comparedAfter } from './energy.ts';
import { closeEpisode, type Publish } from './episodes.ts';
import { begunAnew } from './sequential/standing.ts';
import type { SiteNode } from './site-state.ts';

/**
 * A person took the node out of service: what was found up to then closes, with that as a counter-ground, and is not
 * found again from the same windows. What it does afterwards is judged like that of any node, but for its silence.
 * @param atMs Unix ms
 */
export function retire(node: SiteNode, atMs: number, publish: Publish): void {
  node.pending = null;
  node.load = null;
  node.notes = node.notes.filter(({ endMs }) => endMs > atMs);
  if (node.gathered.sinceMs < atMs) node.gathered = begunAnew(atMs);
  if (node.energy !== null) node.energy = comparedAfter(node.energy, atMs);
  for (const kind of FINDING_KINDS) {
    const open = node.open[kind];
    if (open === undefined || open.openedMs > atMs) continue;
    node.open[kind] = { ...open, counterReasons: [...open.counterReasons, groundOf(atMs)] };
    closeEpisode(node, kind, atMs, publish);
  }
}

function groundOf(atMs: number): Ground {
  return {
    rule: 'decommissioned',
    metric: null,
    weight: 0,
    observed: null,
    expected: null,
    text: `a person took this node out of service at ${new Date(atMs).toISOString()}`,
  };
}
