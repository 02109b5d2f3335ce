import { expect, test } from 'vitest';
import { StoreRefusedError, StoreUnavailableError } from '#libs/runtime/errors.ts';
import { retry } from '#libs/runtime/retry.ts';

const quick = { firstMs: 1, maxMs: 4 };

test('goes on until it succeeds when the error is retryable', async () => {
  let calls = 0;
  const result = await retry(async () => {
    calls++;
    if (calls < 4) throw new StoreUnavailableError('away');
    return 'stored';
  }, quick);
  expect([result, calls]).toEqual(['stored', 4]);
});

test('gives up at once on what cannot succeed', async () => {
  let calls = 0;
  const act = async () => {
    calls++;
    throw new StoreRefusedError('wrong token');
  };
  await expect(retry(act, quick)).rejects.toThrow('wrong token');
  expect(calls).toBe(1);
});

test('an abort ends the waiting with the last error', async () => {
  const abort = new AbortController();
  const act = async () => {
    throw new StoreUnavailableError('away');
  };
  const waiting = retry(act, {
    firstMs: 60_000,
    maxMs: 60_000,
    signal: abort.signal,
    onFailure: () => abort.abort(),
  });
  await expect(waiting).rejects.toThrow('away');
});
