import { describe, expect, test } from 'vitest';
import type { BoardRow, LiveVerdict } from '#services/console/api/contract/fleet.ts';
import { byAttention } from '#services/console/web/fleet/attention.ts';
import { BoardData } from '#services/console/web/fleet/board-data.ts';
import { EVERYTHING, isEverything, select, toggled } from '#services/console/web/fleet/filter.ts';
import { bandsOf, FLAME, grouped, linesOf, shareOf } from '#services/console/web/fleet/picture-data.ts';

const CELL_MS = 60_000;

const row = (node: string, given: Partial<BoardRow> = {}): BoardRow => ({
  ...{ node, site: 'hall', tenant: null, hardware: null, simulated: false },
  ...{ heartbeat: 'present', lastMs: 1, severity: null },
  ...{ now: nowOf(given), behaviours: '.01d', conformities: '.012', grades: '.234' },
  ...given,
});

/** Where nothing else is said, the newest cell has the newest verdict alone. */
const nowOf = ({ behaviours = 'd', conformities = '2', grades = '4' }: Partial<BoardRow>) =>
  [behaviours, conformities, grades].map((strip) => strip.at(-1)).join('');

const boardOf = (...rows: BoardRow[]) =>
  new BoardData({ toMs: 4 * CELL_MS, cellMs: CELL_MS, cells: 4, rows });

const verdict = (given: Partial<LiveVerdict>): LiveVerdict => ({
  ...{ node: 'a', windowEndMs: 4 * CELL_MS, behaviour: 'B2', conformity: 'conforms', grade: 'A' },
  heartbeat: 'present',
  ...given,
});

const strip = (board: BoardData, dimension: 'behaviour' | 'conformity' | 'grade', index = 0) =>
  [0, 1, 2, 3].map((cell) => board.value(index, cell, dimension));

describe('the board in bytes', () => {
  test('reads strips as places in the lists of the model', () => {
    const board = boardOf(row('a'));
    expect(strip(board, 'behaviour')).toEqual([null, 'B0', 'B1', 'B13']);
    expect(strip(board, 'conformity')).toEqual([null, 'conforms', 'deviates', 'undeclared']);
    expect(strip(board, 'grade')).toEqual([null, 'C', 'D', 'X']);
  });

  test('knows the newest verdict, whatever the cells show', () => {
    const graver = { behaviours: '1144', conformities: '0001', grades: '2223', now: '102' };
    const board = boardOf(row('a', graver), row('b', { now: '...' }));
    expect((['behaviour', 'conformity', 'grade'] as const).map((one) => board.newest(0, one))).toEqual([
      'B1',
      'conforms',
      'C',
    ]);
    expect(board.newest(1, 'behaviour')).toBeNull();
    expect(select(board, toggled(EVERYTHING, 'conformity', 'deviates')).nodes).toEqual([]);
  });

  test('a newer verdict is the newest at once, though its cell keeps the gravest', () => {
    const board = boardOf(row('a', { conformities: '0001', now: '112' }));
    board.take([verdict({ windowEndMs: 4 * CELL_MS - 1 })]);
    expect(board.newest(0, 'conformity')).toBe('conforms');
    expect(strip(board, 'conformity')[3]).toBe('deviates');
  });

  test('takes a verdict of the newest cell in place: the gravest stays, the behaviour is the newest', () => {
    const board = boardOf(row('a', { conformities: '0001', grades: '0004', behaviours: '0000' }));
    board.take([verdict({ windowEndMs: 4 * CELL_MS - 1 })]);
    expect(strip(board, 'conformity')[3]).toBe('deviates');
    expect(strip(board, 'grade')[3]).toBe('X');
    expect(strip(board, 'behaviour')[3]).toBe('B2');
  });

  test('moves on when a verdict lies beyond its newest cell, for all nodes', () => {
    const board = boardOf(row('a'), row('b'));
    board.take([verdict({ windowEndMs: 5 * CELL_MS + 1 })]);
    expect(board.toMs).toBe(6 * CELL_MS);
    expect(strip(board, 'behaviour')).toEqual(['B1', 'B13', null, 'B2']);
    expect(strip(board, 'behaviour', 1)).toEqual(['B1', 'B13', null, null]);
  });

  test('leaves out nodes that it does not have, and verdicts older than its cells', () => {
    const board = boardOf(row('a'));
    board.take([verdict({ node: 'stranger' }), verdict({ windowEndMs: -9 * CELL_MS })]);
    expect(strip(board, 'behaviour')).toEqual([null, 'B0', 'B1', 'B13']);
  });
});

describe('what is shown', () => {
  const board = boardOf(
    row('calm', { conformities: '0000', tenant: 'us' }),
    row('silent', { conformities: '0000', heartbeat: 'blind', site: 'yard' }),
    row('found', { conformities: '0000', severity: 'high' }),
    row('away', { conformities: '0001' }),
  );

  test('findings come first, then deviations, then silence, then names', () => {
    const names = byAttention(board, board.nodes).map((index) => board.nodes[index]?.node);
    expect(names).toEqual(['found', 'away', 'silent', 'calm']);
  });

  test('a facet lets through its values, and the counts stay those of all nodes', () => {
    const filter = toggled(EVERYTHING, 'conformity', 'deviates');
    const selection = select(board, filter);
    expect(selection.nodes.map(({ node }) => node)).toEqual(['away']);
    expect(selection.counts.conformity.get('conforms')).toBe(3);
    expect(isEverything(toggled(filter, 'conformity', 'deviates'))).toBe(true);
  });

  test('every word of the text must be found', () => {
    const found = (text: string) => select(board, { ...EVERYTHING, text }).nodes.map(({ node }) => node);
    expect(found('yard SIL')).toEqual(['silent']);
    expect(found('yard calm')).toEqual([]);
  });
});

describe('the picture', () => {
  const rows = Array.from({ length: 100 }, (_, index) =>
    row(`n${index}`, {
      site: index < 90 ? 'large' : 'small',
      behaviours: index % 2 === 0 ? '0000' : '1111',
      conformities: index === 4 ? '0001' : '0000',
    }),
  );
  const board = boardOf(...rows);
  const order = rows.map((_, index) => index);

  test('bands hold all lines, none less than the least', () => {
    const bands = bandsOf(grouped(board, order, 'site'), 100, 20);
    expect(bands.map(({ group, top, lines }) => [group.name, top, lines])).toEqual([
      ['large', 0, 74],
      ['small', 74, 26],
    ]);
  });

  test('a single node that deviates among many is seen', () => {
    const [large] = grouped(board, order, 'site');
    if (!large) throw new Error('expected a group');
    const lines = linesOf(shareOf(board, large, 3, 'behaviour'), 10);
    expect([...lines]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2, FLAME]);
    expect([...linesOf(shareOf(board, large, 0, 'behaviour'), 10)]).not.toContain(FLAME);
  });

  test('more groups than can be told apart are one', () => {
    const many = boardOf(
      ...Array.from({ length: 12 }, (_, index) => row(`n${index}`, { site: `s${index}` })),
    );
    const groups = grouped(
      many,
      many.nodes.map(({ index }) => index),
      'site',
    );
    expect(groups.length).toBe(9);
    expect(groups.at(-1)).toMatchObject({ name: '4 other sites', value: null });
  });
});
