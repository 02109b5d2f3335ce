import type { Assessment, Ground } from '#libs/model/assessment.ts';
import { closeEpisode, type Evidence, openEpisode, type Publish } from './episodes.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import type { SiteNode } from './site-state.ts';

/**
 * Opens what a blind node's silence means, once the readings of the same time are there.
 *
 * none → blind, or blind with load where a meter shows load; blind → blind with load by a later reading;
 * either → none by the first window that the node reports in again.
 */
export function openBlind(
  node: SiteNode,
  assessment: Assessment,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  if (node.open.blind !== undefined || node.open['blind with load'] !== undefined) return;
  const load = loadGround(node, parameters);
  const { windowEndMs, revision } = assessment;
  const evidence = evidenceOf({ ...assessment, assessments: [{ windowEndMs, revision }] }, load);
  openEpisode(node, load ? 'blind with load' : 'blind', windowEndMs, windowEndMs, evidence, hash, publish);
}

/** A reading came: a node that is blind may turn out to work. */
export function reconsiderBlind(
  node: SiteNode,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  const blind = node.open.blind;
  const load = loadGround(node, parameters);
  if (blind === undefined || load === null || node.reading === null) return;
  const nowMs = Math.max(blind.updatedMs, node.reading.endMs);
  closeEpisode(node, 'blind', nowMs, publish);
  openEpisode(node, 'blind with load', blind.openedMs, nowMs, evidenceOf(blind, load), hash, publish);
}

/** The node reports again. */
export function endBlind(node: SiteNode, nowMs: number, publish: Publish): void {
  node.pending = null;
  closeEpisode(node, 'blind', nowMs, publish);
  closeEpisode(node, 'blind with load', nowMs, publish);
}

/** What a meter says about a node that says nothing itself; null without a reading of load since its last frame. */
function loadGround(node: SiteNode, parameters: DetectParameters): Ground | null {
  const { reading, powerWatts } = node;
  if (reading === null || reading.endMs <= (node.notes.at(-1)?.endMs ?? 0)) return null;
  const share = powerWatts === null ? parameters.loadWatts : powerWatts * parameters.loadShareRatio;
  const limit = Math.max(parameters.standbyWatts, share);
  if (reading.powerWatts < limit) return null;
  return {
    rule: 'load',
    metric: null,
    weight: parameters.weightCap,
    observed: reading.powerWatts,
    expected: limit,
    text: `a meter shows ${reading.powerWatts.toFixed(0)} W on this node while it reports nothing`,
  };
}

function evidenceOf(
  source: Pick<Evidence, 'reasons' | 'counterReasons' | 'unseen' | 'assessments'>,
  load: Ground | null,
): Evidence {
  const { reasons, counterReasons, unseen, assessments } = source;
  return {
    severity: load === null ? 'medium' : 'high',
    grade: load === null ? 'D' : 'B',
    reasons: load === null ? reasons : [load, ...reasons],
    counterReasons,
    unseen,
    onset: null,
    assessments,
  };
}
