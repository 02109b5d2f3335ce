import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AlertLife,
  beginAlert,
  growAlert,
  highestOf,
  joins,
  memberOf,
  newestOf,
} from '#libs/casework/alert-life.ts';
import { type Finding, SEVERITIES, type Severity } from '#libs/model/finding.ts';

const aFinding = (given: Partial<Finding> = {}): Finding => ({
  id: 'a',
  cause: 'hall/tenant/deviation',
  kind: 'deviation',
  status: 'open',
  severity: 'medium',
  node: 'n-a',
  site: 'hall',
  tenant: 'tenant',
  openedMs: 100,
  updatedMs: 200,
  closedMs: null,
  onset: null,
  grade: 'C',
  reasons: [],
  counterReasons: [],
  unseen: [],
  assessments: [],
  ...given,
});

const member = (given: Partial<Finding> = {}, peak: Severity = 'medium') => memberOf(aFinding(given), peak);
const begin = (given: Partial<Finding> = {}) => beginAlert('alert-1', aFinding(given), member(given));
const closed = { status: 'closed', updatedMs: 300, closedMs: 290 } as const;

describe('an alert', () => {
  test('opens with its first finding and tells people', () => {
    const { life, change, events } = begin();
    expect([change, events, life.episode]).toEqual(['opened', ['opened'], 1]);
    expect(life.alert).toEqual({
      id: 'alert-1',
      cause: 'hall/tenant/deviation',
      state: 'open',
      severity: 'medium',
      site: 'hall',
      tenant: 'tenant',
      openedMs: 100,
      updatedMs: 200,
      resolvedMs: null,
      findings: ['a'],
      nodes: ['n-a'],
      summary: 'deviation on n-a at hall',
    });
  });

  test('that begins with a closed finding tells of both at once', () => {
    const { life, change, events } = begin(closed);
    expect([life.alert.state, change, events]).toEqual(['resolved', 'resolved', ['opened', 'resolved']]);
  });

  test('grows without telling anyone, and takes the highest severity', () => {
    const { life, change, events } = growAlert(
      begin().life,
      'deviation',
      member({ id: 'b', node: 'n-b', openedMs: 50 }, 'high'),
    );
    expect([change, events]).toEqual(['grew', []]);
    expect(life.alert).toMatchObject({
      severity: 'high',
      openedMs: 50,
      findings: ['b', 'a'],
      nodes: ['n-b', 'n-a'],
      summary: 'deviation on 2 nodes at hall',
    });
  });

  test('is not changed by a state of a finding that it has', () => {
    const { life } = begin();
    expect(growAlert(life, 'deviation', member())).toEqual({ life, change: 'unchanged', events: [] });
  });

  test('resolves when its last finding has closed, at the latest of their ends', () => {
    const two = growAlert(begin().life, 'deviation', member({ id: 'b' })).life;
    const one = growAlert(two, 'deviation', member({ ...closed, closedMs: 500 }));
    expect([one.change, one.life.alert.state]).toEqual(['grew', 'open']);
    const none = growAlert(one.life, 'deviation', member({ id: 'b', ...closed }));
    expect([none.change, none.events]).toEqual(['resolved', ['resolved']]);
    expect(none.life.alert).toMatchObject({ state: 'resolved', resolvedMs: 500 });
  });

  test('opens a new episode when a newer message reopens a finding', () => {
    const resolved = growAlert(begin().life, 'deviation', member(closed)).life;
    const again = growAlert(resolved, 'deviation', member({ updatedMs: 400 }));
    expect([again.change, again.events, again.life.episode]).toEqual(['opened', ['opened'], 2]);
    expect(again.life.alert).toMatchObject({ state: 'open', resolvedMs: null });
  });

  test.each(['acknowledged', 'silenced', 'escalated'] as const)(
    'that is %s stays so while it grows',
    (state) => {
      const { life } = begin();
      const seen: AlertLife = { ...life, alert: { ...life.alert, state } };
      expect(growAlert(seen, 'deviation', member({ id: 'b' })).life.alert.state).toBe(state);
      expect(growAlert(seen, 'deviation', member(closed)).life.alert.state).toBe('resolved');
    },
  );
});

test('a finding joins an alert that is not resolved, or was not when it began', () => {
  expect(joins({ state: 'acknowledged', resolvedMs: null }, { openedMs: 900 })).toBe(true);
  expect(joins({ state: 'resolved', resolvedMs: 500 }, { openedMs: 500 })).toBe(true);
  expect(joins({ state: 'resolved', resolvedMs: 500 }, { openedMs: 501 })).toBe(false);
});

test('the newest of two states is the later one, then the closed one', () => {
  const [early, late] = [aFinding({ ...closed, updatedMs: 300 }), aFinding({ updatedMs: 301 })];
  expect(newestOf(early, late)).toBe(late);
  expect(newestOf(late, early)).toBe(late);
  const [open, shut] = [aFinding({ updatedMs: 300 }), early];
  expect(newestOf(open, shut)).toBe(shut);
  expect(newestOf(shut, open)).toBe(shut);
});

/** Messages about three findings of one cause, each of them already known to the alert by its first. */
const messages = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    status: fc.constantFrom('open', 'closed'),
    severity: fc.constantFrom(...SEVERITIES),
    openedMs: fc.integer({ min: 90, max: 110 }),
    updatedMs: fc.integer({ min: 200, max: 206 }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** What the ledger does with messages: the newest state and the highest severity of each finding go to the alert. */
function outcomeOf(stream: readonly Partial<Finding>[]): unknown {
  const known = new Map<string, { finding: Finding; peak: Severity }>();
  let { life } = begin({ id: 'first' });
  for (const message of stream) {
    const closedMs = message.status === 'closed' ? (message.updatedMs ?? null) : null;
    const finding = aFinding({ ...message, closedMs, node: `n-${message.id}` });
    const former = known.get(finding.id) ?? { finding, peak: 'info' };
    const newest = newestOf(former.finding, finding);
    const peak = highestOf(former.peak, finding.severity);
    known.set(finding.id, { finding: newest, peak });
    life = growAlert(life, finding.kind, memberOf(newest, peak)).life;
  }
  return { alert: life.alert, findings: [...known].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

test('the same messages, again and in any order, end in the same alert', () => {
  fc.assert(
    fc.property(
      messages.chain((stream) =>
        fc.tuple(
          fc.constant(stream),
          fc.shuffledSubarray([...stream, ...stream], { minLength: stream.length * 2 }),
        ),
      ),
      ([stream, shuffled]) => {
        expect(outcomeOf(shuffled)).toEqual(outcomeOf(stream));
      },
    ),
  );
});

test('an older message never reopens a closed finding', () => {
  fc.assert(
    fc.property(messages, (stream) => {
      const shut = { id: 'a', status: 'closed', updatedMs: 207 } as const;
      const one = outcomeOf([{ ...shut }, ...stream]) as { findings: [string, { finding: Finding }][] };
      expect(one.findings.find(([id]) => id === 'a')?.[1].finding.status).toBe('closed');
    }),
  );
});
