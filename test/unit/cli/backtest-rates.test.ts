import { expect, test } from 'vitest';
import { alertRate } from '#services/cli/backtest/alert-rate.ts';
import type { Found } from '#services/cli/backtest/finding-book.ts';
import { poissonInterval } from '#services/cli/backtest/poisson.ts';

const WEEK_MINUTES = 7 * 24 * 60;

function found(part: Partial<Found>): Found {
  return {
    id: 'x',
    cause: 'hall/T/deviation',
    node: 'n1',
    site: 'hall',
    kind: 'deviation',
    severity: 'low',
    grade: 'C',
    openedMs: 0,
    foundMs: 0,
    closedMs: null,
    onset: null,
    reason: null,
    ...part,
  };
}

// By bisection over exact sums with 50 decimals; the same as half the quantiles of chi-square with 2k and 2k + 2 degrees of freedom.
test.each([
  [0, 0, 3.688879],
  [1, 0.025318, 5.571643],
  [2, 0.242209, 7.224688],
  [10, 4.795389, 18.390356],
  [100, 81.363991, 121.626794],
])('the exact interval of %i events is %f to %f', (count, low, high) => {
  const interval = poissonInterval(count, 0.95);
  expect(interval.low).toBeCloseTo(low, 5);
  expect(interval.high).toBeCloseTo(high, 5);
});

test('the interval of many events is that of a normal distribution, and less confidence makes it narrower', () => {
  const wide = poissonInterval(10_000, 0.95);
  expect(wide.low).toBeGreaterThan(9_800);
  expect(wide.low).toBeLessThan(9_810);
  expect(wide.high).toBeGreaterThan(10_195);
  expect(wide.high).toBeLessThan(10_205);
  const narrow = poissonInterval(10_000, 0.5);
  expect(narrow.high - narrow.low).toBeLessThan((wide.high - wide.low) / 2);
});

test('findings of one cause that touch are one alert, and those for information are none', () => {
  const alerts = (findings: readonly Found[]) => alertRate(findings, WEEK_MINUTES).alerts;
  const first = found({ openedMs: 0, closedMs: 10 });
  expect(alerts([first, found({ node: 'n2', openedMs: 10, closedMs: 20 })])).toBe(1);
  expect(alerts([first, found({ openedMs: 11, closedMs: 20 })])).toBe(2);
  expect(alerts([first, found({ openedMs: 5, cause: 'hall/T/blind' })])).toBe(2);
  expect(alerts([found({ closedMs: null }), found({ openedMs: 1_000 })])).toBe(1);
  expect(alerts([first, found({ openedMs: 2, closedMs: 3 }), found({ openedMs: 9, closedMs: 12 })])).toBe(1);
  expect(alerts([found({ severity: 'info' })])).toBe(0);
});

test('the rate is per 1,000 nodes and week, with its interval and what a base rate makes of it', () => {
  const rate = alertRate([found({})], 500 * WEEK_MINUTES);
  expect(rate.nodeWeeks).toBe(500);
  expect(rate.perThousandNodesAndWeek?.rate).toBe(2);
  expect(rate.perThousandNodesAndWeek?.low).toBeCloseTo(2 * 0.025318, 4);
  expect(rate.perThousandNodesAndWeek?.high).toBeCloseTo(2 * 5.571643, 4);
  expect(rate.rightAtOneInThousand?.atRate).toBeCloseTo(1 / 3, 10);
  expect(rate.rightAtOneInThousand?.atHigh).toBeCloseTo(1 / (1 + 2 * 5.571643), 6);
});

test('nothing watched gives no rate', () => {
  expect(alertRate([], 0)).toMatchObject({ perThousandNodesAndWeek: null, rightAtOneInThousand: null });
});
