import type { Severity } from './finding.ts';

export const ALERT_STATES = ['open', 'acknowledged', 'resolved', 'silenced', 'escalated'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** Findings of one cause, deduplicated, with a life. */
export interface Alert {
  readonly id: string;
  readonly cause: string;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly site: string;
  readonly tenant: string | null;
  /** Event time of its first finding. */
  readonly openedMs: number;
  readonly updatedMs: number;
  readonly resolvedMs: number | null;
  /** Findings that belong to it, open and closed. */
  readonly findings: readonly string[];
  readonly nodes: readonly string[];
  /** One line for a person. */
  readonly summary: string;
}
