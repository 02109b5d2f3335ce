import { gather, noEvidence } from './statistic.ts';

/** Where a node's sequential test stood before the windows that are remembered. Plain data, for the checkpoint. */
export interface Gathered {
  readonly sums: readonly number[];
  /** Windows that end by then are no part of it: there it began anew. Unix ms. */
  readonly sinceMs: number;
}

/** A window as the test sees it. */
export interface TestedWindow {
  readonly endMs: number;
  /** Nats, bounded; null: it has none. */
  readonly evidence: number | null;
}

/** Where the test stands after each of the remembered windows. */
export interface Standing {
  /** By window: a sum has come to its threshold, and the window itself adds to it. */
  readonly speaks: readonly boolean[];
  /** After the newest window the sum that is furthest, by its place among the memories, and its value. */
  readonly loudest: { readonly memory: number; readonly sum: number };
  /** Place of the first remembered window since that sum was last at zero. */
  readonly first: number;
}

/** @param sinceMs windows that end by then are not counted again */
export function begunAnew(sinceMs: number): Gathered {
  return { sums: noEvidence(), sinceMs };
}

/** The state with a window that is no longer remembered. */
export function settled(gathered: Gathered, { endMs, evidence }: TestedWindow): Gathered {
  if (endMs <= gathered.sinceMs) return gathered;
  const sums = [...gathered.sums];
  gather(sums, evidence);
  return { ...gathered, sums };
}

/**
 * Tests the remembered windows in the order of their time, whatever order they came in: a late or revised window
 * counts in its place. O(windows).
 * @param windows oldest first
 * @param thresholds one for each memory
 */
export function standingOf(
  { sums: before, sinceMs }: Gathered,
  windows: readonly TestedWindow[],
  thresholds: readonly number[],
): Standing {
  const sums = [...before];
  const began = sums.map(() => 0);
  const speaks = windows.map(({ endMs, evidence }, index) => {
    if (endMs > sinceMs) gather(sums, evidence);
    sums.forEach((sum, memory) => {
      if (sum === 0) began[memory] = index + 1;
    });
    const adds = endMs > sinceMs && evidence !== null && evidence > 0;
    return adds && sums.some((sum, memory) => sum >= (thresholds[memory] ?? Number.POSITIVE_INFINITY));
  });
  const far = (memory: number) => (sums[memory] ?? 0) / (thresholds[memory] ?? Number.POSITIVE_INFINITY);
  const memory = sums.reduce((most, _, one) => (far(one) > far(most) ? one : most), 0);
  return { speaks, loudest: { memory, sum: sums[memory] ?? 0 }, first: began[memory] ?? 0 };
}
