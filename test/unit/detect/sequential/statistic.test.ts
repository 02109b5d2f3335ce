import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SHIPPED_BUDGETS, thresholdsFor } from '#libs/detect/sequential/calibration.ts';
import {
  begunAnew,
  type Gathered,
  settled,
  standingOf,
  type TestedWindow,
} from '#libs/detect/sequential/standing.ts';
import { EVIDENCE_CAP, evidenceOf, gather, noEvidence } from '#libs/detect/sequential/statistic.ts';

const evidence = fc.option(fc.double({ min: -EVIDENCE_CAP, max: EVIDENCE_CAP, noNaN: true }), {
  nil: null,
  freq: 8,
});
const stream = fc.array(evidence, { maxLength: 200 });

function sumsOf(values: readonly (number | null)[]): number[] {
  const sums = noEvidence();
  for (const value of values) gather(sums, value);
  return sums;
}

test('the examples of the docstrings', () => {
  expect(evidenceOf(0.4, 0.05)).toBeCloseTo(3.344, 3);
  const first = [8, 8, 8, -8].map((_, index, all) => sumsOf(all.slice(0, index + 1))[0]);
  [2, 3.5, 4.625, 1.46875].forEach((expected, index) => {
    expect(first[index]).toBeCloseTo(expected, 3);
  });
});

test('evidence is bounded both ways, and none stays none', () => {
  expect([evidenceOf(40, 0.05), evidenceOf(-40, 0.05)]).toEqual([EVIDENCE_CAP, -EVIDENCE_CAP]);
  expect([evidenceOf(null, 0.05), evidenceOf(undefined, 0.05)]).toEqual([null, null]);
});

test('sums stay within zero and the cap, whatever comes', () => {
  fc.assert(
    fc.property(stream, (values) => {
      for (const sum of sumsOf(values)) {
        expect(sum).toBeGreaterThanOrEqual(0);
        expect(sum).toBeLessThanOrEqual(EVIDENCE_CAP);
      }
    }),
  );
});

test('more evidence in any window never lowers a sum', () => {
  fc.assert(
    fc.property(stream, fc.nat(), fc.double({ min: 0, max: 3, noNaN: true }), (values, at, more) => {
      const place = at % Math.max(1, values.length);
      const louder = values.map((value, index) => (value === null || index !== place ? value : value + more));
      sumsOf(louder).forEach((sum, memory) => {
        expect(sum).toBeGreaterThanOrEqual(sumsOf(values)[memory] ?? 0);
      });
    }),
  );
});

test('a window without evidence changes nothing', () => {
  fc.assert(
    fc.property(stream, (values) => {
      expect(sumsOf(values)).toEqual(sumsOf(values.filter((value) => value !== null)));
    }),
  );
});

test('after weeks of ordinary work a change is seen as soon as on a new node', () => {
  const before = sumsOf(new Array<number>(30_000).fill(-5));
  expect(before).toEqual(noEvidence());
});

test('neither one loud window nor two raise anything at any budget', () => {
  const two = sumsOf([EVIDENCE_CAP, EVIDENCE_CAP]);
  for (const { budget } of SHIPPED_BUDGETS.budgets) {
    const thresholds = thresholdsFor(budget);
    expect(two.some((sum, memory) => sum >= (thresholds[memory] ?? 0))).toBe(false);
  }
});

/** The last sixteen are remembered, the rest settled: as stage 2 does. */
function lived(windows: readonly TestedWindow[], from = begunAnew(0)): [Gathered, TestedWindow[]] {
  let gathered = from;
  const kept = [...windows];
  while (kept.length > 16) gathered = settled(gathered, kept.shift() as TestedWindow);
  return [gathered, kept];
}

const windowsOf = (values: readonly (number | null)[]): TestedWindow[] =>
  values.map((value, index) => ({ endMs: (index + 1) * 60_000, evidence: value }));
const THRESHOLDS = [3, 2, 1];

test('what is settled and what is remembered are together the whole past', () => {
  fc.assert(
    fc.property(stream, (values) => {
      const [gathered, kept] = lived(windowsOf(values));
      const { loudest } = standingOf(gathered, kept, THRESHOLDS);
      expect(loudest.sum).toBe(sumsOf(values)[loudest.memory]);
    }),
  );
});

test('a checkpoint in between changes nothing', () => {
  fc.assert(
    fc.property(stream, stream, (before, after) => {
      const windows = windowsOf([...before, ...after]);
      const [gathered, kept] = lived(windows.slice(0, before.length));
      const state = JSON.parse(JSON.stringify({ gathered, kept })) as {
        gathered: Gathered;
        kept: TestedWindow[];
      };
      const rest = [...state.kept, ...windows.slice(before.length)];
      expect(standingOf(...lived(rest, state.gathered), THRESHOLDS)).toEqual(
        standingOf(...lived(windows), THRESHOLDS),
      );
    }),
  );
});

test('what ended before the test began anew is not counted again', () => {
  const loud = windowsOf([8, 8, 8, 8, 8]);
  const { speaks, first } = standingOf(begunAnew(3 * 60_000), loud, THRESHOLDS);
  expect(speaks).toEqual([false, false, false, false, true]);
  expect(first).toBe(3);
});

test('a window that speaks against it is quiet, though a sum is still above its threshold', () => {
  const { speaks } = standingOf(begunAnew(0), windowsOf([6, 6, 6, 6, 6, 6, -0.5]), THRESHOLDS);
  expect(speaks.slice(-2)).toEqual([true, false]);
});
