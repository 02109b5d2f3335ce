import { type Alert, SYSTEM } from '#libs/model/alert.ts';
import { type Finding, SEVERITIES, type Severity } from '#libs/model/finding.ts';
import type { Silence } from '#libs/model/silence.ts';
import { type Change, open, resolve, type Step, silence } from './alert-steps.ts';

/** An alert without the lists of what belongs to it, which may be long. */
export type AlertHead = Omit<Alert, 'findings' | 'nodes'>;

/**
 * The life of an alert, as a pure function of the messages about its findings, the acts of people and of the system,
 * and the silences that cover it.
 *
 *   open ⇄ silenced               while a silence covers it; afterwards it opens anew
 *   open, escalated → acknowledged      a person looks after it
 *   open, acknowledged → escalated      a person asks for more, or nobody acknowledged it in time
 *   any of these → resolved       its last finding has closed, or a person says so
 *   resolved → open               a newer message reopens a finding, or one joins that is still open; or a person
 *                                 reopens it. After a person has resolved it, only a person does
 *
 * How many findings are open follows from their newest states; all else that messages do only ever grows. Hence the
 * same messages again, and in any order, end in the same alert. A step costs the same however many findings there are.
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
  /** Wall clock of its newest opening, and of its newest change. */
  readonly raisedMs: number;
  readonly touchedMs: number;
  /** People were told that it goes on, and not yet of its end. */
  readonly announced: boolean;
  /** Who resolved it; null: its findings have ended, or it goes on. */
  readonly resolvedBy: string | null;
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

/** What else decides: the wall clock, and the silence that covers the alert now. */
export interface Moment {
  readonly nowMs: number;
  readonly cover: Silence | null;
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
export function beginAlert(id: string, finding: Finding, member: Member, moment: Moment): Step {
  const { cause, site, tenant, kind } = finding;
  const unborn: AlertLife = {
    ...UNBORN,
    alert: { ...NOTHING, id, cause, site, tenant, kind, openedMs: member.openedMs },
  };
  const begun = open(withMember(unborn, null, member, true), moment, null);
  return begun.life.open > 0 ? begun : endNow(begun, moment.nowMs);
}

/**
 * Adds a finding, or replaces its former state.
 * @param former what the alert knew of this finding; null: it joins.
 * @param isNewNode no finding of the alert was on this node.
 */
export function growAlert(
  life: AlertLife,
  former: Member | null,
  member: Member,
  isNewNode: boolean,
  moment: Moment,
): Step {
  if (former && isSame(former, member)) return { life, change: 'unchanged', events: [], acts: [] };
  const grown = { ...withMember(life, former, member, isNewNode), touchedMs: moment.nowMs };
  if (life.alert.state === 'resolved') return afterResolved(grown, moment);
  // An alert that a person reopened after its findings had ended has none to wait for.
  if (grown.open === 0 && life.open > 0) return resolve(grown, null, grown.endedMs, moment.nowMs, ENDED);
  return settleAlert(grown, moment, 'grew');
}

/**
 * Brings an alert into line with what covers it now.
 * @param change what is said of it where that alters nothing.
 */
export function settleAlert(life: AlertLife, moment: Moment, change: Change = 'unchanged'): Step {
  const { state } = life.alert;
  const same: Step = { life, change, events: [], acts: [] };
  if (state === 'resolved') return same;
  if (state === 'silenced') return moment.cover ? same : open(life, moment, UNCOVERED);
  return moment.cover ? silence(life, moment.cover, moment.nowMs) : same;
}

const ENDED = 'its last finding has ended';
const GOES_ON = 'a finding of it goes on';
const UNCOVERED = 'no silence covers it any more';

/** What a person has resolved stays so, whatever becomes of its findings. */
function afterResolved(grown: AlertLife, moment: Moment): Step {
  const { alert, resolvedBy } = grown;
  if (resolvedBy !== null && resolvedBy !== SYSTEM)
    return { life: grown, change: 'grew', events: [], acts: [] };
  if (grown.open > 0) return open(grown, moment, GOES_ON);
  const life = { ...grown, resolvedBy: null, alert: { ...alert, resolvedMs: grown.endedMs } };
  return { life, change: 'grew', events: [], acts: [] };
}

/** An alert whose first finding had ended when it came in. */
function endNow(begun: Step, nowMs: number): Step {
  const end = resolve(begun.life, null, begun.life.endedMs, nowMs, ENDED);
  return { ...end, events: [...begun.events, ...end.events], acts: [...begun.acts, ...end.acts] };
}

const UNBORN = {
  episode: 0,
  open: 0,
  nodes: 0,
  endedMs: 0,
  raisedMs: 0,
  touchedMs: 0,
  announced: false,
  resolvedBy: null,
} as const;
const NOTHING = {
  state: 'open',
  severity: 'info',
  assignee: null,
  updatedMs: 0,
  resolvedMs: null,
  summary: '',
} as const satisfies Partial<AlertHead>;

/** Counts a finding; the state stays as it is. */
function withMember(life: AlertLife, former: Member | null, member: Member, isNewNode: boolean): AlertLife {
  const { alert } = life;
  const nodes = life.nodes + (isNewNode ? 1 : 0);
  return {
    ...life,
    open: life.open + openOf(member) - openOf(former),
    nodes,
    endedMs: Math.max(life.endedMs, member.endedMs),
    alert: {
      ...alert,
      severity: highestOf(alert.severity, member.peak),
      openedMs: Math.min(alert.openedMs, member.openedMs),
      updatedMs: Math.max(alert.updatedMs, member.updatedMs),
      summary: `${alert.kind} on ${nodes === 1 ? member.node : `${nodes} nodes`} at ${alert.site}`,
    },
  };
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
