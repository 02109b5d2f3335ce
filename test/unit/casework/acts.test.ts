import { describe, expect, test } from 'vitest';
import { actOn, refusalOf } from '#libs/casework/acts.ts';
import {
  type AlertLife,
  beginAlert,
  growAlert,
  memberAfter,
  settleAlert,
} from '#libs/casework/alert-life.ts';
import { type Act, type ActKind, ALERT_STATES, type AlertState, SYSTEM } from '#libs/model/alert.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { Silence } from '#libs/model/silence.ts';
import { aFinding } from '#test/contract/ledger/samples.ts';

const NOW = { nowMs: 5_000, cover: null };
const cover: Silence = {
  id: 'silence-1',
  purpose: 'maintenance',
  scope: { site: 'hall-1' },
  fromMs: 0,
  untilMs: 9_000,
  reason: 'new power supplies',
  by: 'alex',
  createdMs: 0,
  endedMs: null,
  endedBy: null,
};
const COVERED = { nowMs: 5_000, cover };

const member = (finding: Finding) => memberAfter(null, finding, finding);
const begun = beginAlert('a', aFinding(), member(aFinding()), NOW).life;
const inState = (state: AlertState, given: Partial<AlertLife> = {}): AlertLife => ({
  ...begun,
  ...given,
  alert: { ...begun.alert, state, resolvedMs: state === 'resolved' ? 2_000 : null },
});

const ACTS: Readonly<Record<ActKind, Act>> = {
  acknowledge: { kind: 'acknowledge' },
  assign: { kind: 'assign', assignee: 'kim' },
  comment: { kind: 'comment', text: 'seen' },
  silence: { kind: 'silence', untilMs: 8_000, reason: 'known' },
  unsilence: { kind: 'unsilence', reason: 'fixed' },
  escalate: { kind: 'escalate', reason: 'help' },
  resolve: { kind: 'resolve', reason: 'a declared run' },
  reopen: { kind: 'reopen', reason: 'it was another' },
};

describe('an act', () => {
  // What becomes of open, acknowledged, resolved, silenced and escalated; null: refused.
  test.each<[ActKind, readonly (AlertState | null)[]]>([
    ['acknowledge', ['acknowledged', null, null, null, 'acknowledged']],
    ['assign', ['open', 'acknowledged', 'resolved', 'silenced', 'escalated']],
    ['comment', ['open', 'acknowledged', 'resolved', 'silenced', 'escalated']],
    ['silence', ['silenced', 'silenced', null, 'silenced', 'silenced']],
    ['unsilence', [null, null, null, 'open', null]],
    ['escalate', ['escalated', 'escalated', null, null, null]],
    ['resolve', ['resolved', 'resolved', null, 'resolved', 'resolved']],
    ['reopen', [null, null, 'open', null, null]],
  ])('%s', (kind, expected) => {
    const outcomes = ALERT_STATES.map((state) => {
      const life = inState(state);
      if (refusalOf(life, ACTS[kind], 'alex', NOW) !== null) return null;
      const step = actOn(life, ACTS[kind], 'alex', NOW);
      expect(step.acts).toEqual([{ by: 'alex', act: ACTS[kind], state: step.life.alert.state }]);
      expect(step.life.touchedMs).toBe(NOW.nowMs);
      return step.life.alert.state;
    });
    expect(outcomes).toEqual(expected);
  });

  test('of the system escalates what is open alone', () => {
    expect(refusalOf(inState('open'), ACTS.escalate, SYSTEM, NOW)).toBeNull();
    expect(refusalOf(inState('acknowledged'), ACTS.escalate, SYSTEM, NOW)).toBe(
      'escalate: expected an alert that is open, a is acknowledged',
    );
  });

  test('tells people of an escalation, an end and a new beginning, and of nothing else', () => {
    const eventsOf = (kind: ActKind, state: AlertState) =>
      actOn(inState(state), ACTS[kind], 'alex', NOW).events;
    expect(eventsOf('escalate', 'open')).toEqual(['escalated']);
    expect(eventsOf('resolve', 'acknowledged')).toEqual(['resolved']);
    expect(eventsOf('reopen', 'resolved')).toEqual(['opened']);
    expect(eventsOf('unsilence', 'silenced')).toEqual(['opened']);
    for (const kind of ['acknowledge', 'assign', 'comment', 'silence'] as const)
      expect(eventsOf(kind, 'open')).toEqual([]);
  });

  test('that resolves tells nobody of the end who was not told of the beginning', () => {
    const life = inState('silenced', { announced: false });
    expect(actOn(life, ACTS.resolve, 'alex', COVERED).events).toEqual([]);
  });

  test('that reopens begins a new episode, under a silence without a word', () => {
    const life = inState('resolved', { announced: false, resolvedBy: 'alex' });
    const open = actOn(life, ACTS.reopen, 'alex', NOW);
    expect(open.life).toMatchObject({ episode: 2, raisedMs: 5_000, resolvedBy: null, announced: true });
    const silent = actOn(life, ACTS.reopen, 'alex', COVERED);
    expect(silent).toMatchObject({ events: [], life: { alert: { state: 'silenced' }, announced: false } });
  });

  test('on a silence is refused for a time that is over, and while another silence covers the alert', () => {
    const past = { ...ACTS.silence, untilMs: 5_000 } as Act;
    expect(refusalOf(inState('open'), past, 'alex', NOW)).toMatch(/^untilMs: expected a time to come/);
    expect(refusalOf(inState('silenced'), ACTS.unsilence, 'alex', COVERED)).toMatch(/maintenance silence-1/);
  });
});

describe('an alert that a person has resolved', () => {
  const resolved = actOn(begun, ACTS.resolve, 'alex', NOW).life;
  const onward = member(aFinding({ updatedMs: 3_000 }));

  test('is over as of its newest evidence, so that what begins later is another', () => {
    expect(resolved).toMatchObject({ resolvedBy: 'alex', alert: { resolvedMs: 2_000 } });
  });

  test('stays so while its findings go on, end, and go on again', () => {
    const steps = [
      onward,
      member(aFinding({ status: 'closed', updatedMs: 4_000 })),
      member(aFinding({ updatedMs: 4_500 })),
    ];
    let [life, former] = [resolved, member(aFinding())];
    for (const next of steps) {
      const step = growAlert(life, former, next, false, NOW);
      expect(step).toMatchObject({ change: 'grew', events: [], life: { alert: { state: 'resolved' } } });
      [life, former] = [step.life, next];
    }
  });

  test('opens again with a newer message if it was the system that resolved it', () => {
    const idle = actOn(begun, ACTS.resolve, SYSTEM, NOW).life;
    const step = growAlert(idle, member(aFinding()), onward, false, NOW);
    expect(step).toMatchObject({ change: 'opened', events: ['opened'], life: { episode: 2 } });
    expect(step.acts).toMatchObject([{ by: SYSTEM, act: { kind: 'reopen' }, state: 'open' }]);
  });

  test('and reopened after its findings ended waits for the person', () => {
    const shut = member(aFinding({ status: 'closed', updatedMs: 4_000 }));
    const over = growAlert(begun, member(aFinding()), shut, false, NOW).life;
    const held = actOn(over, ACTS.reopen, 'alex', NOW).life;
    const late = member(aFinding({ status: 'closed', updatedMs: 4_500 }));
    expect(growAlert(held, shut, late, false, NOW)).toMatchObject({
      change: 'grew',
      life: { alert: { state: 'open' } },
    });
  });
});

describe('a silence', () => {
  test('keeps an alert that begins under it from people, and tells of it afterwards', () => {
    const step = beginAlert('a', aFinding(), member(aFinding()), COVERED);
    expect(step).toMatchObject({ change: 'opened', events: [], life: { alert: { state: 'silenced' } } });
    expect(step.acts).toMatchObject([
      { by: SYSTEM, act: { kind: 'silence', untilMs: 9_000, reason: 'maintenance: new power supplies' } },
    ]);
    expect(settleAlert(step.life, COVERED)).toMatchObject({ change: 'unchanged', acts: [] });
    const after = settleAlert(step.life, NOW);
    expect(after).toMatchObject({ change: 'opened', events: ['opened'], life: { episode: 2 } });
  });

  test.each(['open', 'acknowledged', 'escalated'] as const)('covers an alert that is %s', (state) => {
    const step = settleAlert(inState(state), COVERED);
    expect(step).toMatchObject({ change: 'acted', events: [], life: { alert: { state: 'silenced' } } });
    expect(step.life.announced).toBe(true);
  });

  test('leaves a resolved alert alone', () => {
    expect(settleAlert(inState('resolved'), COVERED).change).toBe('unchanged');
  });

  test('that covers an alert no longer since it grew ends at once', () => {
    const silenced = settleAlert(begun, COVERED).life;
    const step = growAlert(silenced, null, member(aFinding({ node: 'n2' })), true, NOW);
    expect(step).toMatchObject({ change: 'opened', events: ['opened'], life: { nodes: 2 } });
  });
});
