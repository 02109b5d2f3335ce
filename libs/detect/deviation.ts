import type { Ground } from '#libs/model/assessment.ts';
import type { Severity } from '#libs/model/finding.ts';
import { absentFor, persists } from '#libs/stats/persistence.ts';
import { closeEpisode, type Evidence, openEpisode, type Publish, updateEpisode } from './episodes.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import { AGAINST_PEERS } from './peering.ts';
import { thresholdsFor } from './sequential/calibration.ts';
import { AGAINST_SUM, GATHERED, groundOf } from './sequential/ground.ts';
import { begunAnew, type Standing, standingOf } from './sequential/standing.ts';
import type { SiteNode, WindowNote } from './site-state.ts';

const KIND = 'deviation';
/** Rules that are evidence of their own; an onset only dates what another rule found. */
const INDEPENDENT = ['envelope', 'own-past', 'peers', 'behaviour'];

/**
 * Opens, updates or closes a node's deviation.
 *
 * none → open, after the warm-up: the newest window holds by a rule, and `openWindows` of the last `openOfWindows`
 * did, or the sequential test of its behaviour speaks; open → none: `closeWindows` in a row with neither, and the
 * test begins anew. For a declared node a window holds when it is outside the envelope, or unlike those of the same
 * job; without a declaration when it is unlike the own past or the peers, and then all is only for information.
 * Nothing bounds how many nodes are open at once: what is found is ranked, never dropped.
 */
export function judgeDeviation(
  node: SiteNode,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  const newest = node.notes.at(-1);
  if (newest === undefined || node.quote === null) return;
  const judged = judge(node, parameters);
  if (node.open[KIND] !== undefined) {
    if (isOver(node, judged, parameters)) {
      closeEpisode(node, KIND, newest.endMs, publish);
      node.gathered = begunAnew(newest.endMs);
    } else if (judged.held.at(-1))
      updateEpisode(node, KIND, newest.endMs, evidenceOf(node, judged, parameters), publish);
    return;
  }
  if (node.windows <= parameters.warmUpWindows || judged.first === null) return;
  const firstMs = node.notes[judged.first]?.endMs ?? newest.endMs;
  openEpisode(node, KIND, firstMs, newest.endMs, evidenceOf(node, judged, parameters), hash, publish);
}

/**
 * One that rests on the sequential test does not end in a pause: windows without evidence count neither way, unless
 * all that are remembered are so. Or work of a minute in ten would be a finding every ten minutes.
 */
function isOver({ notes, open }: SiteNode, { held }: Judged, { closeWindows }: DetectParameters): boolean {
  if (!open[KIND]?.reasons.some(({ rule }) => rule === GATHERED)) return absentFor(held, closeWindows);
  const telling = held.filter((one, place) => one || notes[place]?.evidence !== null);
  return absentFor(telling, closeWindows) || !held.includes(true);
}

/** What the remembered windows say, one entry a window. */
interface Judged {
  readonly held: readonly boolean[];
  readonly test: Standing;
  readonly thresholds: readonly number[];
  /** Place of the first window of what now asks for a finding; null: nothing does. */
  readonly first: number | null;
}

function judge(node: SiteNode, { openWindows, openOfWindows, falseAlarmBudget }: DetectParameters): Judged {
  const thresholds = thresholdsFor(falseAlarmBudget);
  const test = standingOf(node.gathered, node.notes, thresholds);
  const ruled = node.notes.map((note) => holds(node, note));
  const held = ruled.map((one, place) => one || test.speaks[place] === true);
  const firsts: number[] = [];
  if (ruled.at(-1) && persists(ruled, openWindows, openOfWindows))
    firsts.push(ruled.indexOf(true, Math.max(0, ruled.length - openOfWindows)));
  if (test.speaks.at(-1)) firsts.push(test.first);
  return { held, test, thresholds, first: firsts.length === 0 ? null : Math.min(...firsts) };
}

function holds(node: SiteNode, note: WindowNote): boolean {
  const peers = node.compared.find(({ endMs }) => endMs === note.endMs);
  if (note.declared) return note.deviates || (peers?.counts ?? false);
  return note.changed || (peers?.deviates ?? false);
}

function evidenceOf(
  node: SiteNode,
  { held, test, thresholds }: Judged,
  parameters: DetectParameters,
): Evidence {
  const { quote } = node;
  const speaks = test.speaks.at(-1) === true;
  const gathered = speaks ? [groundOf(test, thresholds, parameters)] : [];
  const reasons = [...(quote?.reasons ?? []), ...gathered, ...node.peerGrounds];
  return {
    severity: severityOf(node, reasons, parameters),
    grade: quote?.grade ?? 'D',
    reasons,
    counterReasons: [
      ...(quote?.counterReasons ?? []),
      ...(speaks ? AGAINST_SUM : []),
      ...(node.peerGrounds.length === 0 ? [] : AGAINST_PEERS),
    ],
    unseen: quote?.unseen ?? [],
    onset: quote?.onset ?? null,
    assessments: node.notes
      .filter(({ evidence }, place) => held[place] || (speaks && place >= test.first && (evidence ?? 0) > 0))
      .map(({ endMs, revision }) => ({ windowEndMs: endMs, revision })),
  };
}

function severityOf(node: SiteNode, reasons: readonly Ground[], parameters: DetectParameters): Severity {
  if (node.declaration === null) return 'info';
  // What a node does otherwise than its peers shows in many metrics at once.
  const rules = reasons.filter(({ rule }) => INDEPENDENT.includes(rule)).map(({ rule }) => rule);
  const alone = rules.filter((rule) => rule !== 'peers').length;
  const grounds = alone + Number(alone < rules.length);
  if (grounds >= parameters.highGrounds) return 'high';
  return grounds >= parameters.mediumGrounds ? 'medium' : 'low';
}
