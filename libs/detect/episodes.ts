import type { Ground, TimeInterval } from '#libs/model/assessment.ts';
import type { Grade } from '#libs/model/behaviour.ts';
import { causeOf, type Finding, type FindingKind, SEVERITIES, type Severity } from '#libs/model/finding.ts';
import type { Hash } from './parameters.ts';
import type { SiteNode } from './site-state.ts';

const MAX_ASSESSMENTS = 16;

/** What an episode rests on now. */
export interface Evidence {
  readonly severity: Severity;
  readonly grade: Grade;
  readonly reasons: readonly Ground[];
  readonly counterReasons: readonly Ground[];
  readonly unseen: readonly string[];
  readonly onset: TimeInterval | null;
  readonly assessments: Finding['assessments'];
}

/** Called with every state of a finding that others must know. */
export type Publish = (finding: Finding) => void;

/**
 * Opens an episode: one of a kind on a node at a time.
 * @param firstMs end of its first window: part of its identity, so a replay gives the same id
 * @param nowMs event time of the evidence that opened it
 */
export function openEpisode(
  node: SiteNode,
  kind: FindingKind,
  firstMs: number,
  nowMs: number,
  evidence: Evidence,
  hash: Hash,
  publish: Publish,
): void {
  const { site, tenant } = node;
  const cause = causeOf({ site, tenant, kind, node: node.node });
  const finding: Finding = {
    id: hash(`${cause}\n${node.node}\n${kind}\n${firstMs}`).slice(0, 32),
    cause,
    kind,
    status: 'open',
    node: node.node,
    site,
    tenant,
    openedMs: firstMs,
    updatedMs: nowMs,
    closedMs: null,
    ...evidence,
    assessments: evidence.assessments.slice(-MAX_ASSESSMENTS),
  };
  node.open[kind] = finding;
  publish(finding);
}

/**
 * Brings an open episode up to date; tells others only of a higher severity, a narrower onset or a contradiction.
 * Severity never falls within an episode.
 */
export function updateEpisode(
  node: SiteNode,
  kind: FindingKind,
  nowMs: number,
  evidence: Evidence,
  publish: Publish,
): void {
  const before = node.open[kind];
  if (before === undefined) return;
  const onset = narrower(before.onset, evidence.onset);
  const severity = higher(before.severity, evidence.severity);
  const contradicted = evidence.grade === 'X' && before.grade !== 'X';
  if (onset === before.onset && severity === before.severity && !contradicted) return;
  const finding: Finding = {
    ...before,
    ...evidence,
    severity,
    onset,
    updatedMs: Math.max(before.updatedMs, nowMs),
    assessments: evidence.assessments.slice(-MAX_ASSESSMENTS),
  };
  node.open[kind] = finding;
  publish(finding);
}

/** Ends an episode, with the reasons it was last published with. */
export function closeEpisode(node: SiteNode, kind: FindingKind, nowMs: number, publish: Publish): void {
  const before = node.open[kind];
  if (before === undefined) return;
  delete node.open[kind];
  const closedMs = Math.max(before.updatedMs, nowMs);
  publish({ ...before, status: 'closed', updatedMs: closedMs, closedMs });
}

function narrower(before: TimeInterval | null, now: TimeInterval | null): TimeInterval | null {
  if (before === null || now === null) return before ?? now;
  const inside = now.fromMs >= before.fromMs && now.toMs <= before.toMs;
  return inside && now.toMs - now.fromMs < before.toMs - before.fromMs ? now : before;
}

function higher(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}
