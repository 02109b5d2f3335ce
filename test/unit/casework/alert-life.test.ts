import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AlertLife,
  beginAlert,
  growAlert,
  joins,
  type Member,
  type Moment,
  memberAfter,
  newestOf,
} from '#libs/casework/alert-life.ts';
import type { Step } from '#libs/casework/alert-steps.ts';
import { type Finding, SEVERITIES } from '#libs/model/finding.ts';

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

/** No silence covers anything. */
const MOMENT: Moment = { nowMs: 5_000, cover: null };

const closed = { status: 'closed', updatedMs: 300, closedMs: 290 } as const;

/** Messages taken one after the other, as the ledger takes them; the steps they make. */
function takeAll(messages: readonly Partial<Finding>[], given?: AlertLife): Step[] {
  const known = new Map<string, { newest: Finding; member: Member }>();
  const steps: Step[] = [];
  let life = given;
  for (const message of messages.map(aFinding)) {
    const former = known.get(message.id);
    const newest = former ? newestOf(former.newest, message) : message;
    const member = memberAfter(former?.member ?? null, message, newest);
    const isNewNode = ![...known.values()].some((other) => other.member.node === member.node);
    const step = life
      ? growAlert(life, former?.member ?? null, member, isNewNode, MOMENT)
      : beginAlert('alert-1', message, member, MOMENT);
    known.set(message.id, { newest, member });
    steps.push(step);
    life = step.life;
  }
  return steps;
}

const summaryOf = (steps: readonly Step[]) => steps.map(({ change, events }) => [change, ...events]);
const b = { id: 'b', node: 'n-b' } as const;

describe('an alert', () => {
  test('opens with its first finding and tells people', () => {
    const [step] = takeAll([{}]);
    expect(step).toEqual({
      change: 'opened',
      events: ['opened'],
      acts: [],
      life: {
        alert: {
          id: 'alert-1',
          cause: 'hall/tenant/deviation',
          state: 'open',
          severity: 'medium',
          kind: 'deviation',
          assignee: null,
          site: 'hall',
          tenant: 'tenant',
          openedMs: 100,
          updatedMs: 200,
          resolvedMs: null,
          summary: 'deviation on n-a at hall',
        },
        episode: 1,
        open: 1,
        nodes: 1,
        endedMs: 0,
        raisedMs: 5_000,
        touchedMs: 5_000,
        announced: true,
        resolvedBy: null,
      },
    });
  });

  test('that begins with a closed finding tells of both at once', () => {
    const steps = takeAll([closed]);
    expect(summaryOf(steps)).toEqual([['resolved', 'opened', 'resolved']]);
    expect(steps[0]?.life.alert).toMatchObject({ state: 'resolved', resolvedMs: 290 });
  });

  test('grows without telling anyone, and takes the highest severity and the earliest beginning', () => {
    const steps = takeAll([{}, { ...b, severity: 'high', openedMs: 50 }, { ...b, severity: 'low' }]);
    expect(summaryOf(steps)).toEqual([['opened', 'opened'], ['grew'], ['unchanged']]);
    expect(steps.at(-1)?.life).toMatchObject({
      open: 2,
      nodes: 2,
      alert: { severity: 'high', openedMs: 50, summary: 'deviation on 2 nodes at hall' },
    });
  });

  test('counts a node once, however many findings are on it', () => {
    const [, second] = takeAll([{}, { id: 'b' }]);
    expect(second?.life).toMatchObject({ open: 2, nodes: 1, alert: { summary: 'deviation on n-a at hall' } });
  });

  test('is not changed by a message that it has taken before', () => {
    const [first, again] = takeAll([{}, {}]);
    expect(again).toEqual({ life: first?.life, change: 'unchanged', events: [], acts: [] });
  });

  test('resolves when its last finding has closed, at the latest of their ends', () => {
    const steps = takeAll([{}, b, { ...closed, closedMs: 500 }, { ...b, ...closed }]);
    expect(summaryOf(steps)).toEqual([['opened', 'opened'], ['grew'], ['grew'], ['resolved', 'resolved']]);
    expect(steps.map(({ life }) => life.alert.resolvedMs)).toEqual([null, null, null, 500]);
  });

  test('takes the newest evidence as the end of a finding that names none', () => {
    expect(takeAll([{}, { ...closed, closedMs: null }]).at(-1)?.life.alert.resolvedMs).toBe(300);
  });

  test('opens a new episode when a newer message reopens a finding', () => {
    const steps = takeAll([{}, closed, { updatedMs: 400 }, { ...closed, updatedMs: 500, closedMs: 450 }]);
    expect(steps.map(({ change, life }) => [change, life.episode])).toEqual([
      ['opened', 1],
      ['resolved', 1],
      ['opened', 2],
      ['resolved', 2],
    ]);
    expect(steps.at(-1)?.life.alert.resolvedMs).toBe(450);
  });

  test.each(['acknowledged', 'escalated'] as const)('that is %s stays so while it grows', (state) => {
    const life = takeAll([{}])[0]?.life;
    if (!life) throw new Error('expected a life');
    const seen: AlertLife = { ...life, alert: { ...life.alert, state } };
    expect(takeAll([b], seen).at(-1)?.life.alert.state).toBe(state);
    const wasOpen = memberAfter(null, aFinding(), aFinding());
    const isClosed = memberAfter(wasOpen, aFinding(closed), aFinding(closed));
    expect(growAlert(seen, wasOpen, isClosed, false, MOMENT).life.alert.state).toBe('resolved');
  });
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

/** Messages about three findings of one cause. */
const streams = fc.array(
  fc
    .record({
      id: fc.constantFrom('a', 'b', 'c'),
      status: fc.constantFrom('open' as const, 'closed' as const),
      severity: fc.constantFrom(...SEVERITIES),
      openedMs: fc.integer({ min: 90, max: 110 }),
      updatedMs: fc.integer({ min: 200, max: 206 }),
      closedMs: fc.integer({ min: 190, max: 206 }),
    })
    .map((message) => ({
      ...message,
      node: message.id === 'c' ? 'n-a' : `n-${message.id}`,
      closedMs: message.status === 'closed' ? message.closedMs : null,
    })),
  { minLength: 1, maxLength: 12 },
);

/** An alert that has begun with another finding, which stays open or closed, after more messages. */
function endOf(stream: readonly Partial<Finding>[], first: Partial<Finding>): unknown {
  const { episode: _, ...life } = takeAll([{ id: 'first', node: 'n-first', ...first }, ...stream]).at(-1)
    ?.life ?? {
    episode: 0,
  };
  return life;
}

test.each([
  ['open', {}],
  ['closed', closed],
])(
  'the same messages, again and in any order, end in the same alert (first finding %s)',
  (_status, first) => {
    const shuffled = (stream: readonly Partial<Finding>[]) =>
      fc.shuffledSubarray([...stream, ...stream], { minLength: stream.length * 2 });
    fc.assert(
      fc.property(
        streams.chain((stream) => fc.tuple(fc.constant(stream), shuffled(stream))),
        ([stream, again]) => {
          expect(endOf(again, first)).toEqual(endOf(stream, first));
        },
      ),
    );
  },
);

test('messages taken again, from any point on, change nothing', () => {
  fc.assert(
    fc.property(streams, fc.nat(), (stream, point) => {
      const once = takeAll(stream);
      const twice = takeAll([...stream, ...stream.slice(point % stream.length)]);
      expect(twice.slice(stream.length).map(({ change }) => change)).toEqual(
        stream.slice(point % stream.length).map(() => 'unchanged'),
      );
      expect(twice.at(-1)?.life).toEqual(once.at(-1)?.life);
    }),
  );
});

test('an alert is resolved exactly when the newest message of each of its findings is closed', () => {
  fc.assert(
    fc.property(streams, (stream) => {
      const byId = Map.groupBy(stream.map(aFinding), ({ id }) => id);
      const newest = [...byId.values()].map((messages) => messages.reduce(newestOf));
      const isOver = newest.every(({ status }) => status === 'closed');
      expect(takeAll(stream).at(-1)?.life.alert.state).toBe(isOver ? 'resolved' : 'open');
    }),
  );
});
