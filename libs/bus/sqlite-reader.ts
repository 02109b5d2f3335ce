import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { BatchControl, Subscription } from './port.ts';
import type { Log, SqliteLog } from './sqlite-log.ts';

const BATCH_RECORDS = 1_000;
const BATCH_BYTES = 1 << 20;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;

/**
 * One partition read by one member of a group.
 *
 * beginning (`assigned`, the position) → reading ⇄ idle, reading → backing off → reading;
 * from each of these, after the batch in hand: ended (`revoked`).
 */
export class SqliteReader {
  readonly log: Log;
  readonly subscription: Subscription;
  /** Resolves when the first position is known. */
  readonly ready: Promise<void>;
  readonly #file: SqliteLog;
  readonly #write: (work: () => void) => Promise<void>;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #stale = false;
  #position = 0;
  /** Where reading resumes after a failure: the last commit, or where it began. */
  #resumeAt = 0;
  #begun = false;
  #failures = 0;
  #woken = false;
  #wake: (() => void) | undefined;

  constructor(
    file: SqliteLog,
    log: Log,
    subscription: Subscription,
    write: (work: () => void) => Promise<void>,
  ) {
    this.#file = file;
    this.log = log;
    this.subscription = subscription;
    this.#write = write;
    this.ready = this.#begin();
    this.#ended = this.ready.then(() => this.#run());
  }

  /** Something may have been written. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Resolves after the batch in hand and `revoked`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#ended;
  }

  async #begin(): Promise<void> {
    while (!this.#stopping.signal.aborted && !this.#begun) {
      try {
        this.#resumeAt = await this.#start();
        this.#position = this.#resumeAt;
        this.#begun = true;
      } catch (error) {
        await this.#fail(error);
      }
    }
  }

  async #start(): Promise<number> {
    const { group, from, assigned } = this.subscription;
    const { low, next } = this.#file.bounds(this.log.id);
    let start = this.#file.committed(group, this.log) ?? (from === 'latest' ? null : low);
    if (start === null) {
      // Committed at once, or a restart before the first commit would skip what came in between.
      await this.#write(() => this.#file.commit(group, this.log, next));
      start = next;
    }
    return (await assigned?.(this.log.topic, this.log.partition)) ?? start;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        await this.#fail(error);
        this.#position = this.#resumeAt;
      }
    }
    if (this.#begun) await this.#revoke();
    this.#stale = true;
  }

  async #revoke(): Promise<void> {
    try {
      await this.subscription.revoked?.(this.log.topic, this.log.partition);
    } catch (error) {
      this.subscription.failed?.(error);
    }
  }

  async #step(): Promise<void> {
    const { topic, partition, id } = this.log;
    const { next } = this.#file.bounds(id);
    const records = this.#file.read(this.log, this.#position, next, BATCH_RECORDS, BATCH_BYTES);
    if (records.length === 0) {
      await this.#idle();
      return;
    }
    await this.subscription.deliver({ topic, partition, records }, this.#control());
    this.#position = (records.at(-1)?.offset ?? 0) + 1;
    this.#failures = 0;
    // Handlers that never wait would otherwise keep timers and sockets from their turn.
    await turn();
  }

  async #idle(): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#woken = false;
    this.#wake = undefined;
  }

  async #fail(error: unknown): Promise<void> {
    this.subscription.failed?.(error);
    const waitMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures++);
    await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  #control(): BatchControl {
    const isStale = () => this.#stale;
    return {
      commit: async (nextOffset) => {
        if (this.#stale) return;
        await this.#write(() => this.#file.commit(this.subscription.group, this.log, nextOffset));
        this.#resumeAt = nextOffset;
      },
      heartbeat: () => Promise.resolve(),
      get stale() {
        return isStale();
      },
    };
  }
}
