import type { SequenceRun } from '#libs/model/frame.ts';

/** The union as disjoint runs in order that do not touch. O(n log n). */
export function mergeRuns(runs: readonly SequenceRun[]): SequenceRun[] {
  const merged: SequenceRun[] = [];
  for (const run of runs.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && run.from <= last.to + 1)
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, run.to) };
    else merged.push({ from: run.from, to: run.to });
  }
  return merged;
}

/** How many numbers disjoint runs hold. */
export function countRuns(runs: readonly SequenceRun[]): number {
  return runs.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}
