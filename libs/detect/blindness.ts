import type { Assessment, Ground } from '#libs/model/assessment.ts';
import { windowOf } from './energy.ts';
import { closeEpisode, type Evidence, openEpisode, type Publish } from './episodes.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import type { SiteNode } from './site-state.ts';
import { besideMeter } from './unseen.ts';

/**
 * Opens what a blind node's silence means, once the readings of the same time are there.
 *
 * none → blind, or blind with load where a meter shows load; blind → blind with load by a later reading, once it is
 * sure that the node has not returned;
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
  const load = loadGround(node, node.reading, parameters);
  const { windowEndMs, revision } = assessment;
  const evidence = evidenceOf({ ...assessment, assessments: [{ windowEndMs, revision }] }, load);
  openEpisode(node, load ? 'blind with load' : 'blind', windowEndMs, windowEndMs, evidence, hash, publish);
}

/** A reading came: a node that is blind may turn out to work. The first such reading is kept until it is due. */
export function noteLoad(node: SiteNode, parameters: DetectParameters): void {
  if (node.open.blind === undefined || node.load !== null) return;
  if (loadGround(node, node.reading, parameters) !== null) node.load = node.reading;
}

/**
 * Reconsiders a blind node by the load that was seen. A node that returns draws power before its first window is
 * closed: what it said in the reading's minute must have been heard first.
 * @param heardMs up to when all that nodes said has been heard
 */
export function reconsiderBlind(
  node: SiteNode,
  heardMs: number,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  const { load } = node;
  if (load === null || windowOf(load.endMs) > heardMs) return;
  node.load = null;
  const blind = node.open.blind;
  const ground = loadGround(node, load, parameters);
  if (blind === undefined || ground === null) return;
  const nowMs = Math.max(blind.updatedMs, load.endMs);
  closeEpisode(node, 'blind', nowMs, publish);
  openEpisode(node, 'blind with load', blind.openedMs, nowMs, evidenceOf(blind, ground), hash, publish);
}

/** The node reports again. */
export function endBlind(node: SiteNode, nowMs: number, publish: Publish): void {
  node.pending = null;
  node.load = null;
  closeEpisode(node, 'blind', nowMs, publish);
  closeEpisode(node, 'blind with load', nowMs, publish);
}

/** What a meter says about a node that says nothing itself; null without a reading of load since its last frame. */
function loadGround(
  { powerWatts, notes }: SiteNode,
  reading: SiteNode['reading'],
  parameters: DetectParameters,
): Ground | null {
  if (reading === null || reading.endMs <= (notes.at(-1)?.endMs ?? 0)) return null;
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
    unseen: load === null ? unseen : besideMeter(unseen),
    onset: null,
    assessments,
  };
}
