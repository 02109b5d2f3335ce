import { type Act, SYSTEM } from '#libs/model/alert.ts';
import type { Silence } from '#libs/model/silence.ts';
import type { AlertLife, Moment } from './alert-life.ts';

export type Change = 'opened' | 'grew' | 'acted' | 'resolved' | 'unchanged';
export type AlertEvent = 'opened' | 'resolved' | 'escalated';

/** An act as the history will hold it, with the state after it. */
export interface DoneAct {
  readonly by: string;
  readonly act: Act;
  readonly state: AlertLife['alert']['state'];
}

export interface Step {
  readonly life: AlertLife;
  readonly change: Change;
  /** What people are told, in this order: a finding that came in closed opens and resolves its alert at once. */
  readonly events: readonly AlertEvent[];
  /** What goes into the history, in this order. */
  readonly acts: readonly DoneAct[];
}

/**
 * A new episode: open, and told to people; or silenced, and told to nobody.
 * @param reason why the system opens it again; null: it is the first time, or a person does.
 */
export function open(life: AlertLife, { nowMs, cover }: Moment, reason: string | null): Step {
  const state = cover ? 'silenced' : 'open';
  const wasSilenced = life.alert.state === 'silenced';
  const act: Act | null =
    reason === null ? null : wasSilenced ? { kind: 'unsilence', reason } : { kind: 'reopen', reason };
  return {
    life: {
      ...life,
      alert: { ...life.alert, state, resolvedMs: null },
      episode: life.episode + 1,
      raisedMs: nowMs,
      touchedMs: nowMs,
      resolvedBy: null,
      announced: life.announced || !cover,
    },
    change: 'opened',
    events: cover ? [] : ['opened'],
    acts: [
      ...(act ? [{ by: SYSTEM, act, state } as const] : []),
      ...(cover ? [{ by: SYSTEM, act: actOf(cover), state } as const] : []),
    ],
  };
}

/** The end: told to those who were told of the beginning. @param by null: its findings have ended. */
export function resolve(
  life: AlertLife,
  by: string | null,
  resolvedMs: number,
  nowMs: number,
  reason: string,
): Step {
  return {
    life: {
      ...life,
      alert: { ...life.alert, state: 'resolved', resolvedMs },
      touchedMs: nowMs,
      resolvedBy: by,
      announced: false,
    },
    change: 'resolved',
    events: life.announced ? ['resolved'] : [],
    acts: [{ by: by ?? SYSTEM, act: { kind: 'resolve', reason }, state: 'resolved' }],
  };
}

/** Nobody is told any more. */
export function silence(life: AlertLife, cover: Silence, nowMs: number): Step {
  return {
    life: { ...life, alert: { ...life.alert, state: 'silenced' }, touchedMs: nowMs },
    change: 'acted',
    events: [],
    acts: [{ by: SYSTEM, act: actOf(cover), state: 'silenced' }],
  };
}

const actOf = ({ untilMs, purpose, reason }: Silence): Act => ({
  kind: 'silence',
  untilMs,
  reason: purpose === 'maintenance' ? `maintenance: ${reason}` : reason,
});
