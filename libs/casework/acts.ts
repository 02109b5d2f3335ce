import { type Act, type ActKind, ALERT_STATES, type AlertState, SYSTEM } from '#libs/model/alert.ts';
import type { AlertLife, Moment } from './alert-life.ts';
import { open, resolve, type Step } from './alert-steps.ts';

/** In which states of an alert an act of a person makes sense. */
export const ALLOWED_IN: Readonly<Record<ActKind, readonly AlertState[]>> = {
  acknowledge: ['open', 'escalated'],
  assign: ALERT_STATES,
  comment: ALERT_STATES,
  silence: ['open', 'acknowledged', 'escalated', 'silenced'],
  unsilence: ['silenced'],
  escalate: ['open', 'acknowledged'],
  resolve: ['open', 'acknowledged', 'escalated', 'silenced'],
  reopen: ['resolved'],
};

/** Why an alert's state does not allow the act; null: it does. @param moment as for `actOn`. */
export function refusalOf(life: AlertLife, act: Act, by: string, moment: Moment): string | null {
  const { state, id } = life.alert;
  // The system escalates what nobody looks after; whoever acknowledged it in time has won.
  const allowed = by === SYSTEM && act.kind === 'escalate' ? (['open'] as const) : ALLOWED_IN[act.kind];
  if (!allowed.some((one) => one === state)) {
    return `${act.kind}: expected an alert that is ${allowed.join(' or ')}, ${id} is ${state}`;
  }
  if (act.kind === 'silence' && act.untilMs <= moment.nowMs) {
    return `untilMs: expected a time to come, got ${act.untilMs} at ${moment.nowMs}`;
  }
  if (act.kind === 'unsilence' && moment.cover) {
    const { id: other, purpose } = moment.cover;
    return `${id}: expected no other silence that covers it; end the ${purpose} ${other} first`;
  }
  return null;
}

/**
 * What an act of a person, or of the system, makes of an alert that allows it.
 * @param moment `cover`: the silence that covers the alert once the act is done.
 */
export function actOn(life: AlertLife, act: Act, by: string, moment: Moment): Step {
  const step = stepOf(life, act, by, moment);
  return { ...step, acts: [{ by, act, state: step.life.alert.state }] };
}

function stepOf(life: AlertLife, act: Act, by: string, moment: Moment): Step {
  const { alert } = life;
  const acted = (changes: Partial<AlertLife['alert']>, events: Step['events'] = []): Step => ({
    life: { ...life, alert: { ...alert, ...changes }, touchedMs: moment.nowMs },
    change: 'acted',
    events,
    acts: [],
  });
  switch (act.kind) {
    case 'acknowledge':
      return acted({ state: 'acknowledged' });
    case 'assign':
      return acted({ assignee: act.assignee });
    case 'comment':
      return acted({});
    case 'silence':
      return acted({ state: 'silenced' });
    case 'escalate':
      return acted({ state: 'escalated' }, ['escalated']);
    case 'resolve':
      // In event time, like the beginnings of findings that it is compared with.
      return resolve(life, by, Math.max(alert.updatedMs, life.endedMs), moment.nowMs, act.reason);
    case 'unsilence':
    case 'reopen':
      return open(life, moment, null);
  }
}
