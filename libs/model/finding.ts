import type { Ground, TimeInterval } from './assessment.ts';
import type { Grade } from './behaviour.ts';

export const FINDING_KINDS = [
  'deviation',
  'unexplained',
  'blind',
  'blind with load',
  'energy mismatch',
  'unmetered load',
  'tariff mismatch',
  'undeclared device',
  'inspection-correlated',
  'clock',
  'clone',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** `info` is shown and raises no alert. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * Something a person should look at: one episode of one kind on one node (or feeder).
 * Sent again with the same id when it changes or ends; the newest wins.
 */
export interface Finding {
  /** Hash of cause, node and the event time of the episode's first window: the same on every replay. */
  readonly id: string;
  /** What alerts are deduplicated by: findings of one cause make one alert. */
  readonly cause: string;
  readonly kind: FindingKind;
  readonly status: 'open' | 'closed';
  readonly severity: Severity;
  readonly node: string;
  readonly site: string;
  readonly tenant: string | null;
  readonly openedMs: number;
  /** Event time of its newest evidence. */
  readonly updatedMs: number;
  readonly closedMs: number | null;
  readonly onset: TimeInterval | null;
  readonly grade: Grade;
  readonly reasons: readonly Ground[];
  readonly counterReasons: readonly Ground[];
  readonly unseen: readonly string[];
  /** The assessments it rests on: window end and revision, oldest first, at most 16. */
  readonly assessments: readonly { readonly windowEndMs: number; readonly revision: string }[];
}

/** One alert per site, tenant and kind: sister nodes that do alike are one incident. */
export function causeOf(finding: Pick<Finding, 'site' | 'tenant' | 'kind' | 'node'>): string {
  const scope = finding.tenant ?? `node ${finding.node}`;
  return `${finding.site}/${scope}/${finding.kind}`;
}
