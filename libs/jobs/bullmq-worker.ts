import { type Job as BullJob, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { backoffAfter } from './backoff.ts';
import type { Attempt, WorkOptions } from './port.ts';

export interface BullWorkerOptions extends WorkOptions {
  readonly prefix: string;
  readonly leaseMs: number;
  readonly broke?: ((error: unknown) => void) | undefined;
}

/** What closing the connections may take once no handler runs any more. */
const FAREWELL_MS = 2_000;

/** One BullMQ worker, which can be stopped whether or not Redis answers. */
export class BullWorker {
  readonly #worker: Worker;
  readonly #connection: Redis;
  readonly #inHand = new Set<Promise<void>>();

  constructor(
    queue: string,
    handler: (attempt: Attempt) => Promise<void>,
    connection: Redis,
    options: BullWorkerOptions,
  ) {
    this.#connection = connection;
    const run = async (job: BullJob): Promise<void> => {
      const done = handler(attemptOf(job));
      this.#inHand.add(done);
      await done.finally(() => this.#inHand.delete(done));
    };
    this.#worker = new Worker(queue, run, {
      connection,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: options.leaseMs,
      stalledInterval: options.leaseMs,
      // A job is not to blame for the processes that died under it.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      settings: {
        backoffStrategy: (failures, _type, _error, job) => backoffAfter(failures, firstWaitOf(job)),
      },
    });
    this.#worker.on('error', (error) => options.broke?.(error));
    this.#worker.on('failed', (job, error) => {
      if (job) options.failed?.(failedAttemptOf(job), error, job.attemptsMade >= (job.opts.attempts ?? 1));
    });
  }

  async stop(deadlineMs: number): Promise<void> {
    await this.#worker.pause(true);
    await elapsedOr(deadlineMs, Promise.allSettled([...this.#inHand]));
    // Forced when handlers still run: their locks run out, and the jobs run again elsewhere.
    await elapsedOr(FAREWELL_MS, this.#worker.close(this.#inHand.size > 0));
    this.#connection.disconnect();
  }
}

const attemptOf = (job: BullJob): Attempt => ({
  id: job.id ?? '',
  payload: job.data as unknown,
  attempt: job.attemptsMade + 1,
});

/** After the failure BullMQ has counted it already. */
const failedAttemptOf = (job: BullJob): Attempt => ({ ...attemptOf(job), attempt: job.attemptsMade });

function firstWaitOf(job: Pick<BullJob, 'opts'> | undefined): number {
  const backoff = job?.opts.backoff;
  return typeof backoff === 'object' ? (backoff.delay ?? 0) : (backoff ?? 0);
}

async function elapsedOr(ms: number, done: Promise<unknown>): Promise<void> {
  const elapsed = Promise.withResolvers<void>();
  const timer = setTimeout(elapsed.resolve, ms);
  await Promise.race([done, elapsed.promise]);
  clearTimeout(timer);
}
