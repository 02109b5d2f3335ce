import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { StoreRefusedError, StoreUnavailableError } from '#libs/runtime/errors.ts';
import { makePrivateDatabase } from '#libs/runtime/private-file.ts';
import { flawOf } from './flaw.ts';
import type { Point, Series, SeriesQuery, WriteOutcome } from './port.ts';
import { mergeScopes } from './scopes.ts';
import { PointRows, SCHEMA } from './sqlite-rows.ts';

export interface SqliteSeriesOptions {
  /** 0: points are kept for ever. */
  readonly retentionDays: number;
  /** Wall clock, Unix ms. */
  readonly now?: () => number;
}

/** The event loop is held for one transaction of this many rows at a time: some 20 ms. */
const ROWS_PER_TRANSACTION = 1_000;
/** Another process may be opening the same file for the first time, or sweeping it. */
const BUSY_MS = 5_000;
const SWEEP_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * The series store in one SQLite file: a packed row per (series, time), the field names once per distinct list.
 * One process writes at a time, others may read meanwhile (WAL).
 * @throws StoreUnavailableError when the file cannot be opened now, StoreRefusedError when it is no such database.
 */
export function openSqliteSeries(path: string, options: SqliteSeriesOptions): Series {
  return translated(path, () => {
    if (path !== ':memory:') makePrivateDatabase(path);
    const db = new DatabaseSync(path, { timeout: BUSY_MS });
    db.exec(SCHEMA);
    return new SqliteSeries(path, db, options);
  });
}

class SqliteSeries implements Series {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #rows: PointRows;
  readonly #options: SqliteSeriesOptions;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(path: string, db: DatabaseSync, options: SqliteSeriesOptions) {
    this.#path = path;
    this.#db = db;
    this.#rows = new PointRows(db);
    this.#options = options;
  }

  /** Removes what is past the retention, now and every hour. */
  async prepare(): Promise<void> {
    if (this.#options.retentionDays === 0 || this.#sweeper) return;
    this.#sweeper = setInterval(() => void this.#sweepOrWait(), SWEEP_EVERY_MS).unref();
    await this.#sweep();
  }

  async write(points: readonly Point[]): Promise<WriteOutcome> {
    const refused: { index: number; reason: string }[] = [];
    for (let from = 0; from < points.length; from += ROWS_PER_TRANSACTION) {
      if (from > 0) await turn();
      this.#transaction(() => {
        const to = Math.min(points.length, from + ROWS_PER_TRANSACTION);
        for (let index = from; index < to; index++) {
          const point = points[index] as Point;
          const reason = flawOf(point);
          if (reason === null) this.#rows.put(point);
          else refused.push({ index, reason });
        }
      });
    }
    return { stored: points.length - refused.length, refused };
  }

  async read(query: SeriesQuery): Promise<readonly Point[]> {
    return translated(this.#path, () => {
      const found = mergeScopes(query.scopes).flatMap((scope) => this.#rows.scan(query, scope));
      return found.sort((a, b) => a.timeMs - b.timeMs);
    });
  }

  async check(): Promise<void> {
    translated(this.#path, () => this.#db.prepare('SELECT 1').get());
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    if (this.#db.isOpen) this.#db.close();
  }

  #transaction(act: () => void): void {
    translated(this.#path, () => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        act();
        this.#db.exec('COMMIT');
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
        // The ids made in this transaction are gone with it.
        this.#rows.forget();
        throw error;
      }
    });
  }

  async #sweep(): Promise<void> {
    const now = this.#options.now ?? Date.now;
    const beforeMs = now() - this.#options.retentionDays * DAY_MS;
    for (const series of translated(this.#path, () => this.#rows.seriesIds())) {
      if (!this.#db.isOpen) return;
      this.#transaction(() => this.#rows.removeBefore(series, beforeMs));
      await turn();
    }
  }

  async #sweepOrWait(): Promise<void> {
    try {
      await this.#sweep();
    } catch (error) {
      // A busy file is swept an hour later; anything else the next write will say.
      if (!(error instanceof StoreUnavailableError || error instanceof StoreRefusedError)) throw error;
    }
  }
}

/** Primary result codes after which the same call may succeed: BUSY, LOCKED, NOMEM, IOERR, FULL, CANTOPEN. */
const PASSING = new Set([5, 6, 7, 10, 13, 14]);

function translated<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    if (String(cause.code).startsWith('ERR_INVALID_ARG')) throw cause;
    const { errcode = 0 } = cause as { errcode?: number };
    const isPassing = cause.code !== 'ERR_SQLITE_ERROR' || PASSING.has(errcode & 0xff);
    const reason = `${path}: ${cause.message}`;
    if (isPassing) {
      throw new StoreUnavailableError(`${reason}; expected a file that can be read and written`, { cause });
    }
    throw new StoreRefusedError(`${reason}; expected a series database of this version`, { cause });
  }
}
