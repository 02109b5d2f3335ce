import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countRuns, mergeRuns } from '#libs/ledger/runs.ts';

const aRun = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 15 }))
  .map(([from, length]) => ({ from, to: from + length }));

const numbersOf = (runs: readonly { from: number; to: number }[]) =>
  new Set(runs.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)));

test('runs that overlap or touch become one, others stay apart', () => {
  expect(
    mergeRuns([
      { from: 8, to: 9 },
      { from: 1, to: 3 },
      { from: 4, to: 5 },
      { from: 2, to: 2 },
    ]),
  ).toEqual([
    { from: 1, to: 5 },
    { from: 8, to: 9 },
  ]);
  expect(mergeRuns([])).toEqual([]);
});

test('merged runs hold the same numbers, in order, with a gap between any two', () => {
  fc.assert(
    fc.property(fc.array(aRun, { maxLength: 20 }), (runs) => {
      const merged = mergeRuns(runs);
      expect(numbersOf(merged)).toEqual(new Set([...numbersOf(runs)].sort((a, b) => a - b)));
      expect(countRuns(merged)).toBe(numbersOf(runs).size);
      merged.slice(1).forEach((run, index) => {
        expect(run.from).toBeGreaterThan((merged[index]?.to ?? 0) + 1);
      });
    }),
  );
});
