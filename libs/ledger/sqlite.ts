import assert from 'node:assert/strict';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { SqliteThread } from './sqlite-thread.ts';

/** SQLite by Node itself, in a worker thread, so that a commit that waits for the disk holds up nothing else. */
export function sqliteDialect(path: string): Dialect {
  return {
    createDriver: () => new SqliteDriver(path),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  /** SQLite undoes schema changes like any other; a migration is therefore one transaction under the write lock. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection; Kysely itself queues those who want it (`supportsMultipleConnections` is false). */
class SqliteDriver implements Driver {
  readonly #path: string;
  #thread: SqliteThread | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Kysely destroys only what has been initialised: a thread whose file does not open is ended here. */
  async init(): Promise<void> {
    const thread = new SqliteThread(this.#path);
    try {
      await thread.run('select 1', []);
    } catch (error) {
      await thread.close();
      throw error;
    }
    this.#thread = thread;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    assert(this.#thread, 'Kysely initialises a driver before it uses it');
    return new SqliteConnection(this.#thread);
  }

  /** `immediate`: a transaction that began by reading could not always go on to write. */
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  /** A full disk or a failed write ends the transaction by itself; the error to tell of is that one. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('no transaction is active'))) throw error;
    }
  }

  async releaseConnection(): Promise<void> {
    await Promise.resolve();
  }

  async destroy(): Promise<void> {
    await this.#thread?.close();
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #thread: SqliteThread;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows, changes } = await this.#thread.run(sql, parameters);
    return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('the ledger reads whole results: expected execute(), got stream()');
  }
}
