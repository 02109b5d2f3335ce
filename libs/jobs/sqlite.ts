import type { LedgerDatabase } from '#libs/ledger/schema.ts';
import { DavylampError, JobsUnavailableError } from '#libs/runtime/errors.ts';
import type { Job, JobCounts, Jobs } from './port.ts';
import { TableWorker } from './sqlite-worker.ts';

export interface EmbeddedOptions {
  /** A job whose process died runs again after this time; its process renews it thrice in it. */
  readonly leaseMs: number;
  /** How soon a job is seen that another process has scheduled. */
  readonly pollMs: number;
  /** Told of failures of the database that the workers survive. */
  readonly failed?: (error: unknown) => void;
}

const DEFAULTS: EmbeddedOptions = { leaseMs: 30_000, pollMs: 1_000 };

/**
 * Jobs as rows of the ledger's database, run by timers of the processes that work on them. A finished job's row
 * is gone; a job in hand carries a lease, so that another takes it over when its process has died.
 * The database stays open: who opened it closes it.
 */
export function embeddedJobs(db: LedgerDatabase, options: Partial<EmbeddedOptions> = {}): Jobs {
  const settings = { ...DEFAULTS, ...options };
  const workers = new Set<TableWorker>();
  return {
    schedule: (job) =>
      guarded(async () => {
        await insert(db, job);
        for (const worker of workers) if (worker.queue === job.queue) worker.wake();
      }),
    cancel: (queue, id) =>
      guarded(async () => {
        await db
          .deleteFrom('job')
          .where('queue', '=', queue)
          .where('id', '=', id)
          .where('state', '!=', 'active')
          .execute();
      }),
    async work(queue, handler, workOptions) {
      const worker = new TableWorker(db, queue, handler, {
        ...settings,
        ...workOptions,
        broke: settings.failed,
      });
      workers.add(worker);
      worker.start();
      return {
        async stop(deadlineMs) {
          workers.delete(worker);
          await worker.stop(deadlineMs);
        },
      };
    },
    counts: (queue) => guarded(() => counts(db, queue)),
    async close() {
      await Promise.all([...workers].map((worker) => worker.stop(0)));
      workers.clear();
    },
  };
}

/** A job that waits or runs stays as it is; one that has used up its attempts begins anew. */
async function insert(db: LedgerDatabase, job: Job): Promise<void> {
  const { queue, id, attempts, backoffMs } = job;
  const fresh = {
    payload: JSON.stringify(job.payload ?? null),
    state: 'waiting',
    dueMs: job.runAtMs ?? Date.now(),
    attempt: 0,
    attempts,
    backoffMs,
    owner: null,
    leaseMs: 0,
    lastError: null,
  };
  await db
    .insertInto('job')
    .values({ queue, id, ...fresh })
    .onConflict((conflict) =>
      conflict.columns(['queue', 'id']).doUpdateSet(fresh).where('job.state', '=', 'failed'),
    )
    .execute();
}

async function counts(db: LedgerDatabase, queue: string): Promise<JobCounts> {
  const rows = await db
    .selectFrom('job')
    .select(['state', (eb) => eb.fn.countAll<number>().as('jobs')])
    .where('queue', '=', queue)
    .groupBy('state')
    .execute();
  const of = (state: string) => rows.find((row) => row.state === state)?.jobs ?? 0;
  return { waiting: of('waiting'), active: of('active'), failed: of('failed') };
}

async function guarded<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof DavylampError && cause.retryable)) throw cause;
    throw new JobsUnavailableError(`the table of jobs: ${cause.message}`, { cause });
  }
}
