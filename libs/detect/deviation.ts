import type { Ground } from '#libs/model/assessment.ts';
import type { Severity } from '#libs/model/finding.ts';
import { absentFor, persists } from '#libs/stats/persistence.ts';
import { closeEpisode, type Evidence, openEpisode, type Publish, updateEpisode } from './episodes.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import type { SiteNode, WindowNote } from './site-state.ts';

const KIND = 'deviation';
/** Rules that are evidence of their own; an onset only dates what another rule found. */
const INDEPENDENT = ['envelope', 'own-past', 'peers', 'behaviour'];

/**
 * Opens, updates or closes a node's deviation.
 *
 * none → open: the newest window holds, and `openWindows` of the last `openOfWindows`, after the warm-up;
 * open → none: `closeWindows` in a row without. For a declared node a window holds when it is outside the
 * envelope; without a declaration when it is unlike the own past or the peers, or looks like what nobody declares, and then it is only for information.
 */
export function judgeDeviation(
  node: SiteNode,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  const newest = node.notes.at(-1);
  if (newest === undefined || node.quote === null) return;
  const held = node.notes.map((note) => holds(node, note));
  if (node.open[KIND] !== undefined) {
    if (absentFor(held, parameters.closeWindows)) closeEpisode(node, KIND, newest.endMs, publish);
    else if (held.at(-1))
      updateEpisode(node, KIND, newest.endMs, evidenceOf(node, held, parameters), publish);
    return;
  }
  const { openWindows, openOfWindows, warmUpWindows } = parameters;
  if (node.windows <= warmUpWindows || !held.at(-1) || !persists(held, openWindows, openOfWindows)) return;
  const first = node.notes[held.indexOf(true, Math.max(0, held.length - openOfWindows))] ?? newest;
  const evidence = evidenceOf(node, held, parameters);
  openEpisode(node, KIND, first.endMs, newest.endMs, evidence, hash, publish);
}

function holds(node: SiteNode, note: WindowNote): boolean {
  if (note.declared) return note.deviates;
  return note.changed || node.compared.some(({ endMs, deviates }) => endMs === note.endMs && deviates);
}

function evidenceOf(node: SiteNode, held: readonly boolean[], parameters: DetectParameters): Evidence {
  const { quote } = node;
  const reasons = [...(quote?.reasons ?? []), ...node.peerGrounds];
  return {
    severity: severityOf(node, reasons, parameters),
    grade: quote?.grade ?? 'D',
    reasons,
    counterReasons: quote?.counterReasons ?? [],
    unseen: quote?.unseen ?? [],
    onset: quote?.onset ?? null,
    assessments: node.notes
      .filter((_, index) => held[index])
      .map(({ endMs, revision }) => ({ windowEndMs: endMs, revision })),
  };
}

function severityOf(node: SiteNode, reasons: readonly Ground[], parameters: DetectParameters): Severity {
  if (node.declaration === null) return 'info';
  const grounds = reasons.filter(({ rule }) => INDEPENDENT.includes(rule)).length;
  if (grounds >= parameters.highGrounds) return 'high';
  return grounds >= parameters.mediumGrounds ? 'medium' : 'low';
}
