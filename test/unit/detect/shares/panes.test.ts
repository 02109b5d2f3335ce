import { expect, test } from 'vitest';
import { HOURS, PANE, PANE_WIDTH, SHARED, SharePanes } from '#libs/detect/shares/panes.ts';

const HOUR = 497_000;

function panes(nodes = 1): SharePanes {
  const made = new SharePanes();
  for (const slab of made.slabs) slab.ensure(nodes);
  return made;
}

/** Adds windows of an hour, all of one behaviour. */
function add(to: SharePanes, hour: number, windows: number, behaviour = 1): void {
  const pane = to.open(0, hour);
  if (pane === null) return;
  pane[PANE.windows] = (pane[PANE.windows] ?? 0) + windows;
  pane[PANE.expected + behaviour] = (pane[PANE.expected + behaviour] ?? 0) + windows;
}

function sumOf(of: SharePanes): { readonly oldest: number; readonly sums: Float64Array } {
  const sums = new Float64Array(PANE_WIDTH);
  return { oldest: of.sum(0, sums), sums };
}

test('a node takes at most 1 KiB', () => {
  const bytes = panes().slabs.reduce((sum, slab) => sum + slab.sizeOf(1), 0);
  expect(bytes).toBeLessThanOrEqual(1024);
});

test('hours add up to a day, and the oldest leaves as the next begins', () => {
  const day = panes();
  for (let hour = 0; hour < HOURS; hour++) add(day, HOUR + hour, 60, hour < 12 ? 1 : 4);
  expect(sumOf(day).oldest).toBe(HOUR);
  expect(sumOf(day).sums[PANE.windows]).toBe(24 * 60);
  expect(sumOf(day).sums[PANE.expected + 1]).toBe(12 * 60);
  add(day, HOUR + HOURS, 1, 4);
  expect(sumOf(day).oldest).toBe(HOUR + 1);
  expect(sumOf(day).sums[PANE.expected + 1]).toBe(11 * 60);
  expect(sumOf(day).sums[PANE.expected + 4]).toBe(12 * 60 + 1);
});

test.each([[2], [23], [24], [25], [1_000]])(
  'hours of silence (%i) are empty, and push out as many',
  (silent) => {
    const day = panes();
    for (let hour = 0; hour < HOURS; hour++) add(day, HOUR + hour, 60);
    add(day, HOUR + HOURS - 1 + silent, 5);
    expect(sumOf(day).sums[PANE.windows]).toBe(Math.max(0, HOURS - silent) * 60 + 5);
  },
);

test('a window of an hour that is over counts no more', () => {
  const day = panes();
  add(day, HOUR + 1, 60);
  expect(day.open(0, HOUR)).toBeNull();
  expect(sumOf(day).sums[PANE.windows]).toBe(60);
});

test('an hour is told once', () => {
  const day = panes();
  expect([HOUR, HOUR, HOUR + 1, HOUR].map((hour) => day.tell(0, hour))).toEqual([true, false, true, false]);
});

test('a closed hour keeps quarters of a window, full ones to the last', () => {
  const day = panes();
  const pane = day.open(0, HOUR);
  SHARED.forEach((_, index) => {
    pane?.set([index === 0 ? 60 : index / 16], PANE.expected + index);
  });
  add(day, HOUR + 1, 0);
  const { sums } = sumOf(day);
  expect(sums[PANE.expected]).toBe(60);
  SHARED.slice(1).forEach((_, index) => {
    expect(Math.abs((sums[PANE.expected + index + 1] ?? 0) - (index + 1) / 16)).toBeLessThanOrEqual(1 / 8);
  });
});
