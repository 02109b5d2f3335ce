import { expect, test } from 'vitest';
import type { Verdict } from '#libs/ledger/assessment-port.ts';
import { Board } from '#services/console/board.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** On the hour, and on the two hours of a week's cells. */
const T0 = Date.UTC(2026, 0, 5, 12);
const ALWAYS = [{ fromMs: 0, toMs: Number.POSITIVE_INFINITY }];

const verdict = (minute: number, given: Partial<Verdict> = {}): Verdict => ({
  node: 'n',
  windowEndMs: T0 + minute * MINUTE_MS,
  behaviour: 'B0',
  conformity: 'conforms',
  grade: 'C',
  heartbeat: 'present',
  ...given,
});

function boardOf(source: 'ledger' | 'bus', verdicts: readonly Verdict[]): Board {
  const board = new Board();
  for (const one of verdicts) board.take(one, source);
  return board;
}

const minutes = (from: number, to: number, given: Partial<Verdict> = {}) =>
  Array.from({ length: to - from }, (_, i) => verdict(from + i + 1, given));

/** The strip of the hour before the board's present. */
const hour = (board: Board, strip: 'behaviours' | 'conformities' | 'grades' = 'conformities', node = 'n') =>
  board.strips(node, 'hour', board.endMs('hour', board.clockMs), ALWAYS)[strip];

test('has a cell for each minute, oldest first, and none for a node it never heard of', () => {
  const board = boardOf('bus', [...minutes(0, 3), ...minutes(3, 5, { conformity: 'deviates' })]);
  expect(hour(board)).toBe(`${'.'.repeat(55)}00011`);
  expect(hour(board, 'grades')).toBe(`${'.'.repeat(55)}22222`);
  expect(hour(board, 'grades', 'unheard')).toBe('.'.repeat(60));
});

test('tells the newest verdict apart from a cell that holds a graver one, to those who may see it', () => {
  const board = boardOf('bus', [verdict(1, { conformity: 'deviates' }), verdict(2, { behaviour: 'B13' })]);
  expect(board.strips('n', 'day', T0 + 15 * MINUTE_MS, ALWAYS).conformities.at(-1)).toBe('1');
  expect(board.now('n', ALWAYS)).toBe('d02');
  expect(board.now('n', [{ fromMs: 0, toMs: T0 + MINUTE_MS }])).toBe('...');
  expect(board.now('unheard', ALWAYS)).toBe('...');
});

test('writes behaviours from the eleventh on as letters', () => {
  expect(hour(boardOf('bus', [verdict(1, { behaviour: 'B13' })]), 'behaviours')).toMatch(/\.d$/);
});

test('of several verdicts in a cell shows the gravest, and the behaviour that held longest', () => {
  const board = boardOf('bus', [
    ...minutes(0, 4, { behaviour: 'B1' }),
    ...minutes(4, 10, { behaviour: 'B4', conformity: 'undeclared', grade: 'X' }),
    ...minutes(10, 15, { behaviour: 'B1', conformity: 'cannot tell', grade: 'A' }),
  ]);
  const { behaviours, conformities, grades } = board.strips('n', 'day', T0 + 15 * MINUTE_MS, ALWAYS);
  // Nine minutes of B1 in two pieces against six of B4 in one.
  expect([behaviours.at(-1), conformities.at(-1), grades.at(-1)]).toEqual(['1', '2', '4']);
});

test('a deviation is graver than a node that is not declared, and that than one nobody can tell', () => {
  const gravest = (...conformities: Verdict['conformity'][]) => {
    const board = boardOf(
      'bus',
      conformities.map((conformity, i) => verdict(i + 1, { conformity })),
    );
    return board.strips('n', 'day', T0 + 15 * MINUTE_MS, ALWAYS).conformities.at(-1);
  };
  expect(gravest('conforms', 'deviates', 'undeclared', 'cannot tell')).toBe('1');
  expect(gravest('cannot tell', 'undeclared', 'conforms')).toBe('2');
  expect(gravest('conforms', 'cannot tell')).toBe('3');
});

test('a kept verdict holds until the next, an hour and five minutes at most', () => {
  const board = boardOf('ledger', [verdict(1), verdict(31, { conformity: 'deviates' }), verdict(150)]);
  const strip = board.strips('n', 'hour', T0 + HOUR_MS, ALWAYS).conformities;
  // The ring has turned: the hour before the newest verdict is what is left of it.
  expect(strip).toBe('.'.repeat(60));
  const day = board.strips('n', 'day', T0 + 10 * 15 * MINUTE_MS, ALWAYS).conformities.slice(-10);
  expect(day).toBe('0011111..0');
});

test('after the newest verdict it holds for what is not heard, and briefly for what is', () => {
  const board = boardOf('bus', [verdict(1), verdict(2, { node: 'silent', heartbeat: 'blind' })]);
  board.tick(T0 + 30 * MINUTE_MS);
  expect(hour(board).slice(-30)).toBe(`000000${'.'.repeat(24)}`);
  expect(hour(board, 'conformities', 'silent').slice(-30)).toBe(`.${'0'.repeat(29)}`);
});

test('goes by the time of ticks when there are any', () => {
  const board = boardOf('bus', [verdict(5)]);
  expect(board.clockMs).toBe(T0 + 5 * MINUTE_MS);
  board.tick(T0 + 3 * MINUTE_MS);
  expect(board.clockMs).toBe(T0 + 3 * MINUTE_MS);
  board.tick(T0 + MINUTE_MS);
  expect(board.clockMs).toBe(T0 + 3 * MINUTE_MS);
});

test('leaves out what is older than the newest, and says what has changed', () => {
  const board = new Board();
  const changes = [
    verdict(1),
    verdict(2),
    verdict(3, { grade: 'D' }),
    verdict(2, { conformity: 'deviates' }),
    verdict(3, { grade: 'D', behaviour: 'B2' }),
    verdict(4, { grade: 'D', behaviour: 'B2', heartbeat: 'missed' }),
  ].map((one) => board.take(one, 'bus'));
  expect(changes).toEqual([true, false, true, false, true, true]);
  expect(hour(board).slice(-4)).toBe('0000');
});

test('knows when a node was last heard', () => {
  const board = boardOf('bus', [verdict(1), verdict(2), verdict(3, { heartbeat: 'missed' })]);
  expect(board.standing('n')).toMatchObject({ heartbeat: 'missed', heardMs: T0 + 2 * MINUTE_MS });
  const kept = boardOf('ledger', [verdict(1), verdict(40, { heartbeat: 'blind' })]);
  expect(kept.standing('n')?.heardMs).toBe(T0 + 39 * MINUTE_MS);
  expect(boardOf('bus', [verdict(1, { heartbeat: 'blind' })]).standing('n')?.heardMs).toBeNull();
});

test('a verdict from before a tenant’s time does not hold into it', () => {
  const board = boardOf('bus', [verdict(1), verdict(2)]);
  board.tick(T0 + 5 * MINUTE_MS);
  const from = (minute: number) => {
    const visible = [{ fromMs: T0 + minute * MINUTE_MS, toMs: Number.POSITIVE_INFINITY }];
    return board.strips('n', 'hour', T0 + 5 * MINUTE_MS, visible).conformities.slice(-5);
  };
  expect(from(0)).toBe('00000');
  expect(from(1)).toBe('.0000');
  expect(from(2)).toBe('.....');
});

test('shows a tenant the cells that are theirs from end to end', () => {
  const board = boardOf('bus', minutes(0, 10));
  const visible = [{ fromMs: T0 + 2.5 * MINUTE_MS, toMs: T0 + 6 * MINUTE_MS }];
  const { conformities } = board.strips('n', 'hour', T0 + 10 * MINUTE_MS, visible);
  expect(conformities.slice(-10)).toBe('...000....');
});

test('is the same whether verdicts come from the bus, or the kept ones from the ledger', () => {
  const stream = [
    ...minutes(0, 20),
    ...minutes(20, 23, { conformity: 'deviates', behaviour: 'B4' }),
    ...minutes(23, 50),
    ...minutes(50, 90, { heartbeat: 'missed', behaviour: 'B12', grade: 'D' }),
  ];
  const kept = stream.filter((one, i) => {
    const former = stream[i - 1];
    return !former || one.behaviour !== former.behaviour || (i + 1) % 60 === 0;
  });
  const [live, again] = [boardOf('bus', stream), boardOf('ledger', kept)];
  for (const board of [live, again]) board.tick(T0 + 90 * MINUTE_MS);
  for (const span of ['hour', 'day', 'week'] as const) {
    const endMs = live.endMs(span, T0 + 90 * MINUTE_MS);
    expect(again.strips('n', span, endMs, ALWAYS)).toEqual(live.strips('n', span, endMs, ALWAYS));
  }
});

test('grows to as many nodes as there are', () => {
  const board = new Board();
  for (let node = 0; node < 1_000; node++) {
    board.take(verdict(1, { node: `n${node}`, conformity: node % 2 === 0 ? 'conforms' : 'deviates' }), 'bus');
  }
  const last = (node: number) => hour(board, 'conformities', `n${node}`).at(-1);
  expect([last(0), last(1), last(998), last(999)]).toEqual(['0', '1', '0', '1']);
});

test('refuses words that are not of the model', () => {
  expect(() => new Board().take(verdict(1, { grade: 'Z' as 'A' }), 'bus')).toThrow(RangeError);
});
