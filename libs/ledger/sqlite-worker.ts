import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { SqliteOpening, SqliteReply, SqliteRequest } from './sqlite-thread.ts';

/** Runs in a worker thread, because a commit waits for the disk. One statement at a time, in order. */
const STATEMENTS_KEPT = 256;
/** What other processes that hold the file may keep us waiting. */
const BUSY_MS = 10_000;

const { path } = workerData as SqliteOpening;
const statements = new Map<string, StatementSync>();
let database: DatabaseSync | undefined;

function opened(): DatabaseSync {
  if (database) return database;
  const opening = new DatabaseSync(path, { timeout: BUSY_MS });
  // FULL: a commit that was acknowledged survives a power cut.
  opening.exec('pragma journal_mode = wal; pragma synchronous = full');
  database = opening;
  return opening;
}

function prepared(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known) return known;
  // Batches of many sizes make many texts: forgetting all of them now and then is cheap.
  if (statements.size >= STATEMENTS_KEPT) statements.clear();
  const statement = opened().prepare(sql);
  statements.set(sql, statement);
  return statement;
}

function execute(sql: string, parameters: readonly SQLInputValue[]): Omit<SqliteReply, 'id'> {
  const statement = prepared(sql);
  if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
  return { rows: [], changes: Number(statement.run(...parameters).changes) };
}

function answer({ id, sql, parameters }: SqliteRequest): SqliteReply {
  try {
    return { id, ...execute(sql, parameters) };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    return { id, rows: [], changes: 0, error: { message, resultCode: errcode ?? null } };
  }
}

parentPort?.on('message', (request: SqliteRequest | 'close') => {
  if (request !== 'close') {
    parentPort?.postMessage(answer(request));
    return;
  }
  database?.close();
  parentPort?.close();
});
