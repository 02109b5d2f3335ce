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
  f('1e-3..5e2', 0.001, 500);
});

test.each([
  'cpu_utilization_ratio',
  'cpu_utilization_ratio=..',
  'cpu_utilization_ratio=a..b',
  'nonsense=0..1',
])('%s is refused with what was expected', (text) => {
  expect(() => parseBound(text)).toThrow(/expected/);
});

test('everything wrong with a declaration is in one message', () => {
  const options = { tenant: 't', approver: 'a', behaviour: ['B99'], bound: ['x=1..2'], from: 'yesterday' };
  expect(() => toDeclaration('id', ['n'], options, 1, 0)).toThrow(
    /3 problem\(s\)[\s\S]*B99[\s\S]*x=1\.\.2[\s\S]*yesterday/,
  );
});
