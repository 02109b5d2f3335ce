import type { Alert, AlertState } from '#libs/model/alert.ts';
import { type Finding, SEVERITIES, type Severity } from '#libs/model/finding.ts';

/** An alert without the lists of what belongs to it, which may be long. */
export type AlertHead = Omit<Alert, 'findings' | 'nodes'>;

/**
 * The life of an alert, as a pure function of the messages about its findings.
 *
 *   open → acknowledged, silenced or escalated (a person's act, kept by findings that come in)
 *   any of these → resolved when the last finding has closed
 *   resolved → open when a newer message reopens a finding, or one joins that is still open: a new episode
 *
 * How many findings are open follows from their newest states; all else only ever grows. Hence the same messages
 * again, and in any order, end in the same alert. A step costs the same however many findings there are.
 */
export interface AlertLife {
  readonly alert: AlertHead;
  /** How often it has opened. */
  readonly episode: number;
  /** Its open findings. */
  readonly open: number;
  /** Its nodes. */
  readonly nodes: number;
  /** The latest end of a finding, 0 when none has ended yet. */
  readonly endedMs: number;
}

/** What an alert needs to know of one of its findings. */
export interface Member {
  readonly node: string;
  /** In its newest message. */
  readonly status: Finding['status'];
  readonly updatedMs: number;
  /** The highest severity, the earliest beginning and the latest end of any of its messages. */
  readonly peak: Severity;
  readonly openedMs: number;
  readonly endedMs: number;
}

type Change = 'opened' | 'grew' | 'resolved' | 'unchanged';

export interface Step {
  readonly life: AlertLife;
  readonly change: Change;
  /** What people are told: a finding that came in closed opens and resolves its alert at once. */
  readonly events: readonly ('opened' | 'resolved')[];
}

/**
 * The newer of two states of one finding. Of the same `updatedMs`, closed is newer than open; what is left is
 * decided by the text, so that the order of arrival never matters.
 */
export function newestOf(a: Finding, b: Finding): Finding {
  if (a.updatedMs !== b.updatedMs) return a.updatedMs > b.updatedMs ? a : b;
  if (a.status !== b.status) return a.status === 'closed' ? a : b;
  return JSON.stringify(a) >= JSON.stringify(b) ? a : b;
}

/** A finding after a message. @param newest the newest of its states, this message among them. */
export function memberAfter(former: Member | null, message: Finding, newest: Finding): Member {
  const endMs = message.status === 'closed' ? (message.closedMs ?? message.updatedMs) : 0;
  return {
    node: newest.node,
    status: newest.status,
    updatedMs: newest.updatedMs,
    peak: highestOf(former?.peak ?? 'info', message.severity),
    openedMs: Math.min(former?.openedMs ?? message.openedMs, message.openedMs),
    endedMs: Math.max(former?.endedMs ?? 0, endMs),
  };
}

/** A new finding belongs to the alert of its cause that is not resolved, or was not yet when it began. */
export function joins(alert: Pick<Alert, 'state' | 'resolvedMs'>, member: Pick<Member, 'openedMs'>): boolean {
  return alert.state !== 'resolved' || (alert.resolvedMs ?? 0) >= member.openedMs;
}

/** Begins an alert with its first finding. */
export function beginAlert(id: string, finding: Finding, member: Member): Step {
  const { cause, site, tenant } = finding;
  const unborn: AlertLife = {
    alert: { ...NOTHING, id, cause, site, tenant, openedMs: member.openedMs },
    episode: 1,
    open: 0,
    nodes: 0,
    endedMs: 0,
  };
  const life = withMember(unborn, finding.kind, null, member, true);
  if (life.alert.state === 'resolved') return { life, change: 'resolved', events: ['opened', 'resolved'] };
  return { life, change: 'opened', events: ['opened'] };
}

/**
 * Adds a finding, or replaces its former state.
 * @param former what the alert knew of this finding; null: it joins.
 * @param isNewNode no finding of the alert was on this node.
 */
export function growAlert(
  life: AlertLife,
  kind: string,
  former: Member | null,
  member: Member,
  isNewNode: boolean,
): Step {
  if (former && isSame(former, member)) return { life, change: 'unchanged', events: [] };
  const grown = withMember(life, kind, former, member, isNewNode);
  const wasResolved = life.alert.state === 'resolved';
  const isResolved = grown.alert.state === 'resolved';
  if (wasResolved === isResolved) return { life: grown, change: 'grew', events: [] };
  if (isResolved) return { life: grown, change: 'resolved', events: ['resolved'] };
  return { life: { ...grown, episode: life.episode + 1 }, change: 'opened', events: ['opened'] };
}

const NOTHING = { state: 'open', severity: 'info', updatedMs: 0, resolvedMs: null, summary: '' } as const;

function withMember(
  life: AlertLife,
  kind: string,
  former: Member | null,
  member: Member,
  isNewNode: boolean,
): AlertLife {
  const { alert } = life;
  const open = life.open + openOf(member) - openOf(former);
  const nodes = life.nodes + (isNewNode ? 1 : 0);
  const endedMs = Math.max(life.endedMs, member.endedMs);
  return {
    episode: life.episode,
    open,
    nodes,
    endedMs,
    alert: {
      ...alert,
      state: stateAfter(alert.state, open === 0),
      severity: highestOf(alert.severity, member.peak),
      openedMs: Math.min(alert.openedMs, member.openedMs),
      updatedMs: Math.max(alert.updatedMs, member.updatedMs),
      resolvedMs: open === 0 ? endedMs : null,
      summary: `${kind} on ${nodes === 1 ? member.node : `${nodes} nodes`} at ${alert.site}`,
    },
  };
}

function stateAfter(state: AlertState, isOver: boolean): AlertState {
  if (isOver) return 'resolved';
  return state === 'resolved' ? 'open' : state;
}

const openOf = (member: Member | null): number => (member?.status === 'open' ? 1 : 0);

function highestOf(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

function isSame(a: Member, b: Member): boolean {
  return (
    a.status === b.status &&
    a.updatedMs === b.updatedMs &&
    a.peak === b.peak &&
    a.openedMs === b.openedMs &&
    a.endedMs === b.endedMs
  );
}
