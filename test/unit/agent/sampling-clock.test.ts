import { expect, test } from 'vitest';
import { frameEndMs, nextSampleMs } from '#services/agent/sampling-clock.ts';

const PERIODS = { sampleMs: 1_000, intervalMs: 10_000 };

test('samples fall on whole seconds of the wall clock', () => {
  const cases: [nowMs: number, nextMs: number][] = [
    [0, 1_000],
    [999, 1_000],
    // One that is due now was the last.
    [1_000, 2_000],
    [1_767_225_600_001, 1_767_225_601_000],
  ];
  for (const [nowMs, nextMs] of cases) expect(nextSampleMs(nowMs, PERIODS)).toBe(nextMs);
});

test('a sample belongs to the frame that ends with it or after it', () => {
  const cases: [dueMs: number, endMs: number][] = [
    [1_000, 10_000],
    [10_000, 10_000],
    [11_000, 20_000],
  ];
  for (const [dueMs, endMs] of cases) expect(frameEndMs(dueMs, PERIODS)).toBe(endMs);
});
