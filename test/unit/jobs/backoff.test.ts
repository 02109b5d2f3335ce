import { expect, test } from 'vitest';
import { backoffAfter, MAX_BACKOFF_MS } from '#libs/jobs/backoff.ts';

test('the wait doubles with each failure', () => {
  expect([1, 2, 3, 4].map((failures) => backoffAfter(failures, 500))).toEqual([500, 1_000, 2_000, 4_000]);
});

test('the wait never exceeds ten minutes, however many failures there were', () => {
  expect([20, 2_000].map((failures) => backoffAfter(failures, 500))).toEqual([
    MAX_BACKOFF_MS,
    MAX_BACKOFF_MS,
  ]);
});
