import type { Alert, AlertState } from '#libs/model/alert.ts';
import { type Finding, SEVERITIES, type Severity } from '#libs/model/finding.ts';

/**
 * The life of an alert, as a pure function of its findings' newest states.
 *
 *   open → acknowledged, silenced or escalated (a person's act, kept by findings that come in)
 *   any of these → resolved when the last finding has closed
 *   resolved → open when a newer message reopens a finding, or one joins that is still open: a new episode
 *
 * Because only newest states count, the same messages again, and in any order, end in the same alert.
 */
export interface AlertLife {
  readonly alert: Alert;
  /** How often it has opened. */
  readonly episode: number;
  readonly members: readonly Member[];
}

/** What an alert needs to know of one of its findings. */
export interface Member {
  readonly id: string;
  readonly node: string;
  readonly status: Finding['status'];
  /** The highest severity it ever had. */
  readonly peak: Severity;
  readonly openedMs: number;
  readonly updatedMs: number;
  readonly closedMs: number | null;
}

export type Change = 'opened' | 'grew' | 'resolved' | 'unchanged';

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

export function highestOf(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

/** @param peak the highest severity that any message of this finding had. */
export function memberOf(finding: Finding, peak: Severity): Member {
  const { id, node, status, openedMs, updatedMs, closedMs } = finding;
  return { id, node, status, peak, openedMs, updatedMs, closedMs };
}

/** A new finding belongs to the alert of its cause that is not resolved, or was not yet when it began. */
export function joins(
  alert: Pick<Alert, 'state' | 'resolvedMs'>,
  finding: Pick<Finding, 'openedMs'>,
): boolean {
  return alert.state !== 'resolved' || (alert.resolvedMs ?? 0) >= finding.openedMs;
}

/** Begins an alert with its first finding. */
export function beginAlert(id: string, finding: Finding, member: Member): Step {
  const { cause, kind, site, tenant } = finding;
  const alert = derive({ id, cause, site, tenant, state: 'open' }, kind, [member]);
  const life = { alert, episode: 1, members: [member] };
  if (alert.state === 'resolved') return { life, change: 'resolved', events: ['opened', 'resolved'] };
  return { life, change: 'opened', events: ['opened'] };
}

/** Adds a finding, or replaces its former state. O(members). */
export function growAlert(life: AlertLife, kind: string, member: Member): Step {
  const former = life.members.find(({ id }) => id === member.id);
  if (former && sameMember(former, member)) return { life, change: 'unchanged', events: [] };
  const members = life.members.filter(({ id }) => id !== member.id).concat(member);
  const alert = derive(life.alert, kind, members);
  const wasResolved = life.alert.state === 'resolved';
  const isResolved = alert.state === 'resolved';
  const episode = wasResolved && !isResolved ? life.episode + 1 : life.episode;
  const grown = { alert, episode, members };
  if (wasResolved === isResolved) return { life: grown, change: 'grew', events: [] };
  const change = isResolved ? 'resolved' : 'opened';
  return { life: grown, change, events: [change] };
}

type Core = Pick<Alert, 'id' | 'cause' | 'site' | 'tenant'> & { readonly state: AlertState };

function derive({ id, cause, site, tenant, state }: Core, kind: string, members: readonly Member[]): Alert {
  const sorted = members.toSorted((a, b) => a.openedMs - b.openedMs || (a.id < b.id ? -1 : 1));
  const isOver = sorted.every(({ status }) => status === 'closed');
  const nodes = [...new Set(sorted.map(({ node }) => node))];
  return {
    id,
    cause,
    state: stateAfter(state, isOver),
    severity: sorted.map(({ peak }) => peak).reduce(highestOf, 'info'),
    site,
    tenant,
    openedMs: sorted[0]?.openedMs ?? 0,
    updatedMs: sorted.reduce((newest, { updatedMs }) => Math.max(newest, updatedMs), 0),
    resolvedMs: isOver ? sorted.reduce((last, member) => Math.max(last, endOf(member)), 0) : null,
    findings: sorted.map((member) => member.id),
    nodes,
    summary: `${kind} on ${nodes.length === 1 ? nodes[0] : `${nodes.length} nodes`} at ${site}`,
  };
}

function stateAfter(state: AlertState, isOver: boolean): AlertState {
  if (isOver) return 'resolved';
  return state === 'resolved' ? 'open' : state;
}

const endOf = ({ closedMs, updatedMs }: Member): number => closedMs ?? updatedMs;

function sameMember(a: Member, b: Member): boolean {
  return (
    a.status === b.status &&
    a.peak === b.peak &&
    a.openedMs === b.openedMs &&
    a.updatedMs === b.updatedMs &&
    a.closedMs === b.closedMs
  );
}
