import type { Notice, NoticeBody } from '#libs/ledger/alert-port.ts';
import type { ActKind } from '#libs/model/alert.ts';
import type { Ground } from '#libs/model/assessment.ts';
import type { FindingKind } from '#libs/model/finding.ts';

/** What a kind of finding means, in a sentence that says what was measured and no more. */
export const KIND_SENTENCES: Readonly<Record<FindingKind, string>> = {
  deviation: 'What was measured differs from the declaration, from the own past or from peers.',
  unexplained: 'What was measured has fitted nothing declared for hours, and cannot be told from other work.',
  blind: 'Nothing is reported any more.',
  'blind with load': 'Nothing is reported any more, while a meter shows that power is drawn.',
  'energy mismatch': 'The power reported from inside and the power metered outside do not agree.',
  'unmetered load': 'A feeder carries more than the meters behind it account for.',
  'tariff mismatch': 'The shape of the load does not fit its tariff.',
  'undeclared device': 'A device is there that no declaration names.',
  'inspection-correlated': 'What was measured changed around an inspection.',
  clock: 'The clock of the device and the time of receipt do not agree.',
  clone: 'More than one sender uses one identity.',
};

export function readBody(notice: Notice): NoticeBody {
  return JSON.parse(notice.body) as NoticeBody;
}

/** The weightiest first; those that weigh nothing, which only say what was looked at, last. */
export function byWeight(grounds: readonly Ground[]): readonly Ground[] {
  return grounds.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

const DONE: Readonly<Record<ActKind, string>> = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  comment: 'commented',
  silence: 'silenced',
  unsilence: 'silence ended',
  escalate: 'escalated',
  resolve: 'resolved',
  reopen: 'reopened',
};

/** Who brought the event about, and why; empty where no act stands behind it. */
export function actSentence({ act }: NoticeBody): string {
  return act ? `${DONE[act.kind]} by ${act.by}${act.reason && `: ${act.reason}`}` : '';
}

/** `2026-11-22 19:34 UTC`. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Where a person reads all of it; undefined without a console. */
export function alertLink(consoleUrl: string | undefined, alert: string): string | undefined {
  return consoleUrl && `${consoleUrl.replace(/\/+$/, '')}/alerts/${encodeURIComponent(alert)}`;
}
