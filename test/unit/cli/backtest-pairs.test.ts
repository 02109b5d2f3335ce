import { expect, test } from 'vitest';
import type { Assessment } from '#libs/model/assessment.ts';
import { FindingBook, type Found, pair } from '#services/cli/backtest/finding-book.ts';
import { WindowTally } from '#services/cli/backtest/window-tally.ts';

function found(id: string, part: Partial<Found> = {}): Found {
  return {
    id,
    cause: 'hall/T/deviation',
    node: 'n1',
    site: 'hall',
    kind: 'deviation',
    severity: 'low',
    grade: 'C',
    openedMs: 100,
    foundMs: 120,
    closedMs: 200,
    onset: null,
    reason: null,
    ...part,
  };
}

const ids = (all: readonly Found[]) => all.map(({ id }) => id);

test('findings of one node and kind that overlap are the same one, whatever their identities', () => {
  const both = pair([found('a')], [found('b', { openedMs: 160, foundMs: 180, closedMs: null })]);
  expect(both).toMatchObject({ onlyA: [], onlyB: [], same: 0 });
  expect(both.changed.map(({ differs }) => differs)).toEqual([['beginning', 'found at']]);
});

test.each([
  ['another node', { node: 'n2' }],
  ['another kind', { kind: 'blind' as const }],
  ['another time', { openedMs: 201, closedMs: 300 }],
])('of %s they are two', (_, part) => {
  const { onlyA, onlyB, changed } = pair([found('a')], [found('b', part)]);
  expect([ids(onlyA), ids(onlyB), changed]).toEqual([['a'], ['b'], []]);
});

test('a finding that is two in the other version is paired once', () => {
  const twice = [found('b', { closedMs: 130 }), found('c', { openedMs: 150, foundMs: 170 })];
  const { onlyA, onlyB, changed, same } = pair([found('a')], twice);
  expect([ids(onlyA), ids(onlyB), changed, same]).toEqual([[], ['c'], [], 1]);
  const swapped = pair(twice, [found('a')]);
  expect([ids(swapped.onlyA), ids(swapped.onlyB)]).toEqual([['c'], []]);
});

test('the same identity goes before an overlap', () => {
  const { changed, onlyB } = pair(
    [found('x')],
    [found('early', { openedMs: 90, closedMs: 110 }), found('x')],
  );
  expect([changed, ids(onlyB)]).toEqual([[], ['early']]);
});

test('another severity and another onset are differences, another reason is none', () => {
  const onset = { fromMs: 1, toMs: 2 };
  const { changed } = pair([found('x')], [found('x', { severity: 'high', onset, reason: 'r' })]);
  expect(changed.map(({ differs }) => differs)).toEqual([['severity', 'onset']]);
  expect(pair([found('x', { onset })], [found('x', { onset: { ...onset }, reason: 'r' })]).same).toBe(1);
});

test('the book keeps the newest state of a finding, and when it was first known', () => {
  const book = new FindingBook();
  const finding = {
    ...found('x'),
    status: 'open' as const,
    tenant: null,
    updatedMs: 130,
    closedMs: null,
    reasons: [],
    counterReasons: [],
    unseen: [],
    assessments: [],
  };
  book.take(finding);
  book.take({ ...finding, severity: 'high', updatedMs: 180, closedMs: 180, status: 'closed' });
  expect(book.all()).toMatchObject([{ id: 'x', severity: 'high', foundMs: 130, closedMs: 180 }]);
});

function assessment(minute: number, part: Partial<Assessment> = {}): Assessment {
  const windowEndMs = minute * 60_000;
  return {
    node: 'n1',
    site: 'hall',
    tenant: null,
    windowStartMs: windowEndMs - 60_000,
    windowEndMs,
    revision: String(minute),
    detector: 'd',
    declaration: null,
    behaviours: { B0: 1 },
    conformity: 'conforms',
    grade: 'C',
    heartbeat: 'present',
    coverageRatio: 1,
    reasons: [],
    counterReasons: [],
    onset: null,
    unseen: [],
    ...part,
  };
}

test('windows are counted once, by the newest revision of each version', () => {
  const tally = new WindowTally();
  for (let minute = 1; minute <= 30; minute++) {
    tally.verdict('a', assessment(minute));
    tally.verdict('b', assessment(minute, { conformity: 'deviates', behaviours: { B1: 0.4, B4: 0.6 } }));
    if (minute % 2 === 0) tally.verdict('b', assessment(minute));
    tally.settle();
  }
  const { nodes, turns } = tally.end();
  expect(nodes).toMatchObject([{ node: 'n1', windows: 30, watched: 30, conformity: 15, behaviour: 15 }]);
  expect(turns).toEqual([
    { axis: 'behaviour', a: 'B0', b: 'B4', windows: 15 },
    { axis: 'conformity', a: 'conforms', b: 'deviates', windows: 15 },
  ]);
});

test('a window of one version alone is no change, and silence is not watched', () => {
  const tally = new WindowTally();
  tally.verdict('a', assessment(1, { heartbeat: 'missed', coverageRatio: 0 }));
  tally.verdict('b', assessment(2));
  expect(tally.end().nodes).toMatchObject([{ windows: 2, watched: 1, onlyA: 1, onlyB: 1, conformity: 0 }]);
});
