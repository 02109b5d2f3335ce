import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { LedgerUnavailableError } from '#libs/runtime/errors.ts';

export interface SqliteOpening {
  readonly path: string;
}

export interface SqliteRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

export interface SqliteReply {
  readonly id: number;
  readonly rows: readonly Record<string, SQLOutputValue>[];
  readonly changes: number;
  readonly error?: { readonly message: string; readonly resultCode: number | null };
}

interface Waiting {
  readonly resolve: (reply: SqliteReply) => void;
  readonly reject: (error: Error) => void;
}

/** Primary result codes after which the same call may succeed later: BUSY, LOCKED, IOERR, FULL, CANTOPEN. */
const PASSING = new Set([5, 6, 10, 13, 14]);

/** A database file in a worker thread. Statements run one at a time, in the order in which they were posted. */
export class SqliteThread {
  readonly #path: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #gone: Error | undefined;

  constructor(path: string) {
    this.#path = path;
    const workerData: SqliteOpening = { path };
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData });
    this.#worker.on('message', (reply: SqliteReply) => this.#settle(reply));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('its thread has ended')));
  }

  /** @throws LedgerUnavailableError when the file cannot be opened, read or written now; Error for anything else. */
  run(sql: string, parameters: readonly unknown[]): Promise<SqliteReply> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const request: SqliteRequest = { id, sql, parameters: parameters as readonly SQLInputValue[] };
      this.#worker.postMessage(request);
    });
  }

  /** Lets what was posted finish, then closes the file. */
  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    if (this.#gone) return;
    this.#worker.postMessage('close');
    await exited;
  }

  #settle(reply: SqliteReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error) waiting?.reject(this.#translate(reply.error));
    else waiting?.resolve(reply);
  }

  #translate({ message, resultCode }: NonNullable<SqliteReply['error']>): Error {
    const passing = resultCode !== null && PASSING.has(resultCode & 0xff);
    return passing ? this.#unavailable(message) : new Error(`${this.#path}: ${message}`);
  }

  #fail(cause: Error): void {
    this.#gone ??= this.#unavailable(cause.message, cause);
    for (const { reject } of this.#waiting.values()) reject(this.#gone);
    this.#waiting.clear();
  }

  #unavailable(reason: string, cause?: Error): LedgerUnavailableError {
    const advice = 'expected a writable file on a disk with room, held by nobody for long';
    return new LedgerUnavailableError(`${this.#path}: ${reason}; ${advice}`, { cause });
  }
}
