import type { FindingKind, Severity } from './finding.ts';

export const ALERT_STATES = ['open', 'acknowledged', 'resolved', 'silenced', 'escalated'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** Findings of one cause, deduplicated, with a life. */
export interface Alert {
  readonly id: string;
  readonly cause: string;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly kind: FindingKind;
  readonly site: string;
  readonly tenant: string | null;
  /** Event time of its first finding. */
  readonly openedMs: number;
  readonly updatedMs: number;
  readonly resolvedMs: number | null;
  /** The person who looks after it. */
  readonly assignee: string | null;
  /** Findings that belong to it, open and closed. */
  readonly findings: readonly string[];
  readonly nodes: readonly string[];
  /** One line for a person. */
  readonly summary: string;
}

/** What a person, or the system under the name `davylamp`, does to an alert. `reason` is never empty. */
export type Act =
  | { readonly kind: 'acknowledge'; readonly reason?: string }
  | { readonly kind: 'assign'; readonly assignee: string | null }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'silence'; readonly untilMs: number; readonly reason: string }
  | { readonly kind: 'unsilence'; readonly reason: string }
  | { readonly kind: 'escalate'; readonly reason: string }
  | { readonly kind: 'resolve'; readonly reason: string }
  | { readonly kind: 'reopen'; readonly reason: string };
export type ActKind = Act['kind'];

/** The name under which the product itself acts: delays, expiries, ends of findings. */
export const SYSTEM = 'davylamp';

/** An entry of an alert's history; append-only. */
export interface RecordedAct {
  readonly alert: string;
  /** 1, 2, 3 … within the alert. */
  readonly number: number;
  /** Unix ms, of the machine that took it. */
  readonly atMs: number;
  readonly by: string;
  readonly act: Act;
  /** The alert's state after it. */
  readonly state: AlertState;
}
