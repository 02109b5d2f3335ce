import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { LedgerDatabase, LedgerTables } from '#libs/ledger/schema.ts';
import { transact } from '#libs/ledger/transact.ts';
import { Alarm } from './alarm.ts';
import { backoffAfter } from './backoff.ts';
import type { Attempt, WorkOptions } from './port.ts';

export interface TableWorkerOptions extends WorkOptions {
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly broke?: ((error: unknown) => void) | undefined;
}

type JobRow = Selectable<LedgerTables['job']>;

/** Claims due rows of one queue, as many as have a free place, and runs them. */
export class TableWorker {
  readonly queue: string;
  readonly #db: LedgerDatabase;
  readonly #handler: (attempt: Attempt) => Promise<void>;
  readonly #options: TableWorkerOptions;
  readonly #owner = randomUUID();
  readonly #alarm = new Alarm();
  readonly #inHand = new Map<string, Promise<void>>();
  #renewal: NodeJS.Timeout | undefined;
  #loop: Promise<void> | undefined;
  #stopping = false;

  constructor(
    db: LedgerDatabase,
    queue: string,
    handler: (attempt: Attempt) => Promise<void>,
    options: TableWorkerOptions,
  ) {
    this.queue = queue;
    this.#db = db;
    this.#handler = handler;
    this.#options = options;
  }

  start(): void {
    this.#renewal = setInterval(() => void this.#renew(), this.#options.leaseMs / 3);
    this.#loop = this.#run();
  }

  wake(): void {
    this.#alarm.ring();
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#loop;
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, deadlineMs);
    await Promise.race([Promise.all(this.#inHand.values()), timeout.promise]);
    clearTimeout(timer);
    clearInterval(this.#renewal);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let waitMs = this.#options.pollMs;
      try {
        await this.#fill();
        waitMs = await this.#untilNextMs();
      } catch (error) {
        this.#options.broke?.(error);
      }
      await this.#alarm.wait(waitMs);
    }
  }

  async #fill(): Promise<void> {
    const free = this.#options.concurrency - this.#inHand.size;
    if (free <= 0) return;
    for (const job of await this.#claim(free)) {
      const done = this.#attempt(job).finally(() => {
        this.#inHand.delete(job.id);
        this.wake();
      });
      this.#inHand.set(job.id, done);
    }
  }

  /** Due rows, and rows whose lease has run out; only those that nobody else took in between. */
  async #claim(free: number): Promise<JobRow[]> {
    const nowMs = Date.now();
    const candidates = (await this.#candidates(nowMs, free)).filter(({ id }) => !this.#inHand.has(id));
    if (candidates.length === 0) return [];
    return await transact(this.#db, async (db) => {
      const claimed: JobRow[] = [];
      for (const job of candidates) if (await this.#take(db, job, nowMs)) claimed.push(job);
      return claimed;
    });
  }

  async #candidates(nowMs: number, free: number): Promise<JobRow[]> {
    return await this.#db
      .selectFrom('job')
      .selectAll()
      .where('queue', '=', this.queue)
      .where((eb) =>
        eb.or([
          eb.and([eb('state', '=', 'waiting'), eb('dueMs', '<=', nowMs)]),
          eb.and([eb('state', '=', 'active'), eb('leaseMs', '<=', nowMs)]),
        ]),
      )
      .orderBy('dueMs')
      .orderBy('id')
      .limit(free)
      .execute();
  }

  async #take(db: LedgerDatabase, job: JobRow, nowMs: number): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable('job')
      .set({ state: 'active', owner: this.#owner, leaseMs: nowMs + this.#options.leaseMs })
      .where('queue', '=', job.queue)
      .where('id', '=', job.id)
      .where('state', '=', job.state)
      .where('leaseMs', '=', job.leaseMs)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** How long nothing can come due that this process knows of, at most one poll. */
  async #untilNextMs(): Promise<number> {
    const { pollMs, concurrency } = this.#options;
    if (this.#inHand.size >= concurrency) return pollMs;
    const row = await this.#db
      .selectFrom('job')
      .select((eb) => eb.fn.min<number | null>('dueMs').as('dueMs'))
      .where('queue', '=', this.queue)
      .where('state', '=', 'waiting')
      .executeTakeFirst();
    const dueMs = row?.dueMs ?? Number.POSITIVE_INFINITY;
    return Math.max(0, Math.min(pollMs, dueMs - Date.now()));
  }

  async #attempt(job: JobRow): Promise<void> {
    const attempt = { id: job.id, payload: JSON.parse(job.payload) as unknown, attempt: job.attempt + 1 };
    try {
      await this.#handler(attempt);
    } catch (error) {
      await this.#record(() => this.#failed(job, attempt, error));
      return;
    }
    await this.#record(() => this.#mine(job).execute());
  }

  /** What cannot be recorded is left to its lease: the job runs again. */
  async #record(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#options.broke?.(error);
    }
  }

  #mine({ queue, id }: JobRow) {
    return this.#db
      .deleteFrom('job')
      .where('queue', '=', queue)
      .where('id', '=', id)
      .where('owner', '=', this.#owner);
  }

  async #failed(job: JobRow, attempt: Attempt, error: unknown): Promise<void> {
    const final = attempt.attempt >= job.attempts;
    await this.#db
      .updateTable('job')
      .set({
        state: final ? 'failed' : 'waiting',
        attempt: attempt.attempt,
        dueMs: Date.now() + backoffAfter(attempt.attempt, job.backoffMs),
        owner: null,
        leaseMs: 0,
        lastError: error instanceof Error ? error.message : String(error),
      })
      .where('queue', '=', job.queue)
      .where('id', '=', job.id)
      .where('owner', '=', this.#owner)
      .execute();
    this.#options.failed?.(attempt, error, final);
  }

  async #renew(): Promise<void> {
    const ids = [...this.#inHand.keys()];
    if (ids.length === 0) return;
    await this.#record(() =>
      this.#db
        .updateTable('job')
        .set({ leaseMs: Date.now() + this.#options.leaseMs })
        .where('queue', '=', this.queue)
        .where('id', 'in', ids)
        .where('owner', '=', this.#owner)
        .execute(),
    );
  }
}
