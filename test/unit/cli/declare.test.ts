import { expect, test } from 'vitest';
import { parseBound, toDeclaration } from '#services/cli/commands/declare.ts';

test('a bound is a metric and a range with at least one end', () => {
  const f = (text: string, min: number | null, max: number | null) =>
    expect(parseBound(`cpu_utilization_ratio=${text}`)).toEqual({
      metric: 'cpu_utilization_ratio',
      min,
      max,
    });
  f('0..0.3', 0, 0.3);
  f('..0.3', null, 0.3);
  f('0.1..', 0.1, null);
  f('1e-3..5e-2', 0.001, 0.05);
  f('0.5..0.5', 0.5, 0.5);
});

test.each([
  'cpu_utilization_ratio',
  'cpu_utilization_ratio=..',
  'cpu_utilization_ratio=a..b',
  'nonsense=0..1',
  'toString=0..1',
  'cpu_utilization_ratio=0.3..0',
  'cpu_utilization_ratio=0..30',
  'node_power_watts=1e999..',
  'node_power_watts=..1e999',
])('%s is refused with what was expected', (text) => {
  expect(() => parseBound(text)).toThrow(/expected/);
});

test('everything wrong with a declaration is in one message', () => {
  const options = { tenant: 't', approver: 'a', behaviour: ['B99'], bound: ['x=1..2'], from: 'yesterday' };
  expect(() => toDeclaration('id', ['n'], options, 1, 0)).toThrow(
    /3 problem\(s\)[\s\S]*B99[\s\S]*x=1\.\.2[\s\S]*--from yesterday/,
  );
});

const OPTIONS = { tenant: 't', approver: 'a', behaviour: ['B0'], bound: [] };
const declared = (nodes: readonly string[], options: object) =>
  toDeclaration('id', nodes, { ...OPTIONS, ...options }, 1, Date.UTC(2026, 0, 1));

test.each([
  [['n'], { approver: ' ' }, '--approver " ": expected a name'],
  [['n'], { tenant: '' }, '--tenant "": expected a name'],
  [['no such node!'], {}, 'node "no such node!": expected 1 to 128 letters'],
  [['n'], { behaviour: ['toString'] }, '--behaviour toString: expected one of B0'],
  [
    ['n'],
    { from: '2026-02-01', to: '2026-01-01' },
    '--to 2026-01-01: expected a time after --from (2026-02-01)',
  ],
  [['n'], { to: '2025-01-01' }, '--to 2025-01-01: expected a time after --from (now, 2026-01-01T00'],
  [['n'], { to: '1' }, '--to 1: expected an ISO 8601 time'],
])('of nodes %j, %j is refused with its name', (nodes, options, message) => {
  expect(() => declared(nodes, options)).toThrow(message);
});

test('what is said twice counts once', () => {
  const declaration = declared(['vm', 'vm', 'other', 'vm'], { behaviour: ['B0', 'B1', 'B0'] });
  expect(declaration).toMatchObject({ nodes: ['vm', 'other'], behaviours: ['B0', 'B1'] });
});
