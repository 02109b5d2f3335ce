/**
 * Jobs: work that happens later, is retried, and survives a restart.
 *
 * Left out on purpose: results, priorities, flows, and exactly-once: a handler may run twice, so what it does
 * carries an idempotency key. The ledger knows what must happen; a sweeper puts back what this store lost.
 */
export interface Jobs {
  /**
   * Adds a job. One that waits or runs already is left as it is, one that has used up its attempts begins anew,
   * and a finished one is forgotten: scheduling again what must happen is always right.
   * Rejects with `JobsUnavailableError` (retryable) within a few seconds.
   */
  schedule(job: Job): Promise<void>;

  /** Removes a job that does not run now; unknown ids are fine. */
  cancel(queue: string, id: string): Promise<void>;

  /** Runs the queue's jobs as they come due. A handler that rejects is retried with exponential backoff until `attempts`. */
  work(queue: string, handler: (job: Attempt) => Promise<void>, options: WorkOptions): Promise<Worker>;

  /** Jobs by state; `failed` have used up their attempts. */
  counts(queue: string): Promise<JobCounts>;

  close(): Promise<void>;
}

export interface Job {
  readonly queue: string;
  /** Deterministic: letters, digits, `-`, `_` and `.`, not all digits, at most 200 characters. */
  readonly id: string;
  /** JSON. */
  readonly payload: unknown;
  /** Not before this time, Unix ms; omitted: now. */
  readonly runAtMs?: number;
  readonly attempts: number;
  /** Wait after the first failure; doubles with each, capped at ten minutes. */
  readonly backoffMs: number;
}

export interface Attempt {
  readonly id: string;
  readonly payload: unknown;
  /** 1 for the first. */
  readonly attempt: number;
}

export interface WorkOptions {
  readonly concurrency: number;
  /** Told of every failed attempt; `final` when none is left. */
  readonly failed?: (attempt: Attempt, error: unknown, final: boolean) => void;
}

export interface Worker {
  /** Waits for the jobs in hand, at most `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
}
