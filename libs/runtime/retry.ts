import { setTimeout as sleep } from 'node:timers/promises';
import { DavylampError } from './errors.ts';

export interface RetryOptions {
  /** First wait; doubles with every failure, with ±20 % jitter. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Ends the waiting; the last error is thrown. */
  readonly signal?: AbortSignal;
  readonly onFailure?: (error: unknown, attempt: number, waitMs: number) => void;
}

/**
 * Calls `act` until it resolves. Only errors that say `retryable` are tried again, without limit: what must not
 * be lost is not given up. Everything else, and abortion, throws.
 */
export async function retry<T>(act: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof DavylampError && error.retryable) || options.signal?.aborted) throw error;
      const waitMs = backoff(attempt, options);
      options.onFailure?.(error, attempt, waitMs);
      await waitOr(waitMs, options.signal, error);
    }
  }
}

function backoff(attempt: number, { firstMs, maxMs }: RetryOptions): number {
  return Math.min(maxMs, firstMs * 2 ** (attempt - 1)) * (0.8 + 0.4 * Math.random());
}

async function waitOr(ms: number, signal: AbortSignal | undefined, cause: unknown): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch {
    throw cause;
  }
}
