import { ALLOWED_IN } from '#libs/casework/acts.ts';
import type { ActKind } from '#libs/model/alert.ts';
import type { ActView, AlertView } from '../../api/contract/alerts.ts';

export interface ActWords {
  readonly label: string;
  /** Title of the dialog. */
  readonly title: string;
  /** What it does, before one does it. */
  readonly hint: string;
  /** What people are told of it, where a channel is set up. */
  readonly told?: string;
}

/** What a person may do to an alert, the usual next step first. */
export const ACTS: Readonly<Record<ActKind, ActWords>> = {
  acknowledge: {
    label: 'Acknowledge',
    title: 'Acknowledge this alert',
    hint: 'Says that you have seen it. It is not escalated any more.',
  },
  unsilence: {
    label: 'End the silence',
    title: 'End the silence',
    hint: 'It opens again.',
    told: 'People are told.',
  },
  reopen: {
    label: 'Reopen',
    title: 'Reopen this alert',
    hint: 'For what was closed too early.',
    told: 'People are told.',
  },
  assign: {
    label: 'Assign',
    title: 'Who looks after it?',
    hint: 'Everybody sees the name.',
  },
  comment: {
    label: 'Comment',
    title: 'Comment',
    hint: 'Stays in the history under your name, where all who may see this alert read it, people of its tenant too. It cannot be changed later.',
  },
  silence: {
    label: 'Silence',
    title: 'Silence this alert for a time',
    hint: 'Nobody is told of it until then. It is kept and shown.',
  },
  escalate: {
    label: 'Escalate',
    title: 'Escalate this alert',
    hint: 'Passes it on to somebody else.',
    told: 'Every channel is told, with your reason.',
  },
  resolve: {
    label: 'Resolve',
    title: 'Resolve this alert',
    hint: 'Closes it by hand. A finding that comes later opens a new one.',
  },
};

/** Those that make sense now; the server has the last word. */
export function actsFor({ state }: Pick<AlertView, 'state'>): readonly ActKind[] {
  return (Object.keys(ACTS) as ActKind[]).filter((kind) => ALLOWED_IN[kind].includes(state));
}

/** An entry of the history in words, after the name of who did it. */
export function actInWords(act: ActView): string {
  switch (act.kind) {
    case 'acknowledge':
      return 'acknowledged it';
    case 'assign':
      return act.assignee === null ? 'assigned it to nobody' : `assigned it to ${act.assignee}`;
    case 'comment':
      return 'commented';
    case 'silence':
      return 'silenced it';
    case 'unsilence':
      return 'ended the silence';
    case 'escalate':
      return 'escalated it';
    case 'resolve':
      return 'resolved it';
    case 'reopen':
      return 'opened it again';
  }
}

/** The words a person gave with it. */
export function actText(act: ActView): string | null {
  if (act.kind === 'comment') return act.text;
  return 'reason' in act ? (act.reason ?? null) : null;
}
