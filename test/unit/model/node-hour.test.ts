import { expect, test } from 'vitest';
import { nodeHour, nodeHourStartMs } from '#libs/model/node-hour.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 23, 12, 34, 56);

test('an hour of a node is an hour long, and begins where it is said to', () => {
  for (const node of ['a', 'node-1', 'gpu-0042']) {
    const hour = nodeHour(node, NOW_MS);
    const startMs = nodeHourStartMs(node, hour);
    expect(startMs).toBeLessThanOrEqual(NOW_MS);
    expect(startMs).toBeGreaterThan(NOW_MS - HOUR_MS);
    expect(nodeHour(node, startMs)).toBe(hour);
    expect(nodeHour(node, startMs - 1)).toBe(hour - 1);
    expect(nodeHour(node, startMs + HOUR_MS)).toBe(hour + 1);
  }
});

test('hours of many nodes begin all over the hour', () => {
  const minutes = new Set(
    Array.from({ length: 600 }, (_, i) => (nodeHourStartMs(`node-${i}`, 500_000) / 60_000) % 60),
  );
  expect(minutes.size).toBe(60);
});
