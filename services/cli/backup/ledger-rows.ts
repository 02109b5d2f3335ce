import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { migrate, schemaOf } from '#libs/ledger/migrate.ts';
import type { LedgerDatabase } from '#libs/ledger/schema.ts';
import { sqliteDialect } from '#libs/ledger/sqlite.ts';
import { ArchiveError, NotFoundError } from '#libs/runtime/errors.ts';
import { readLines, writeLines } from './lines.ts';
import { type Member, memberOf } from './manifest.ts';

type Row = Record<string, unknown>;
type AnyDatabase = Kysely<Record<string, Row>>;
export type LedgerKind = 'embedded' | 'postgres';

const ROWS_AT_ONCE = 1_000;
/** SQLite takes 32,766 in a statement. */
const PARAMETERS_AT_ONCE = 30_000;
const FOLDER = 'ledger';
/** Kysely's own: what was migrated, and a lock. */
const MIGRATION_TABLES = ['kysely_migration', 'kysely_migration_lock'];

/**
 * Writes every row of the ledger as JSON lines, a file a table, as of one moment. Values are those of the portable
 * columns (text, numbers, null), so that SQLite's rows go into PostgreSQL and back.
 * @throws NotFoundError where there is no ledger.
 */
export async function dumpLedger(
  ledger: LedgerDatabase,
  kind: LedgerKind,
  folder: string,
): Promise<{ readonly schema: string; readonly members: readonly Member[] }> {
  const schema = await schemaOf(ledger);
  if (schema === null) throw new NotFoundError('there is no ledger yet: expected one to back up');
  await mkdir(join(folder, FOLDER), { recursive: true });
  const db = plain(ledger);
  const tables = await presentTables(db);
  const members = await db.connection().execute(async (connection) => {
    const begin = kind === 'postgres' ? 'begin isolation level repeatable read read only' : 'begin';
    await sql.raw(begin).execute(connection);
    const dumped: Member[] = [];
    for (const table of tables) {
      const path = `${FOLDER}/${table}.jsonl`;
      const rows = kind === 'postgres' ? postgresRows(connection, table) : sqliteRows(connection, table);
      dumped.push(await memberOf(folder, path, await writeLines(join(folder, path), rows)));
    }
    await sql.raw('commit').execute(connection);
    return dumped;
  });
  return { schema, members };
}

/** Whether any of the ledger's tables has a row. */
export async function ledgerHasRows(ledger: LedgerDatabase): Promise<boolean> {
  const db = plain(ledger);
  for (const table of await presentTables(db)) {
    if ((await db.selectFrom(table).selectAll().limit(1).execute()).length > 0) return true;
  }
  return false;
}

/**
 * Replaces the ledger by the rows of an archive: makes the schema they were written under, puts them in, and brings
 * the schema to this version. The rows are one transaction.
 */
export async function loadLedger(
  ledger: LedgerDatabase,
  folder: string,
  schema: string,
  members: readonly Member[],
): Promise<void> {
  const db = plain(ledger);
  const ours = [...(await presentTables(db)), ...MIGRATION_TABLES];
  for (const table of ours) await db.schema.dropTable(table).ifExists().execute();
  await migrate(ledger, schema);
  await db.transaction().execute(async (transaction) => {
    for (const { path } of members.filter((member) => member.path.startsWith(`${FOLDER}/`))) {
      const table = path.slice(FOLDER.length + 1, -'.jsonl'.length);
      for await (const rows of readLines<Row>(join(folder, path), ROWS_AT_ONCE)) {
        await insertRows(transaction, table, rows);
      }
    }
  });
  await migrate(ledger);
}

async function insertRows(db: AnyDatabase, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Math.max(1, Object.keys(rows[0] ?? {}).length);
  const atOnce = Math.max(1, Math.floor(PARAMETERS_AT_ONCE / columns));
  for (let from = 0; from < rows.length; from += atOnce) {
    await db
      .insertInto(table)
      .values(rows.slice(from, from + atOnce))
      .execute();
  }
}

/** Without the plug-in that renames columns. */
function plain(ledger: LedgerDatabase): AnyDatabase {
  return ledger.withoutPlugins() as unknown as AnyDatabase;
}

/** The ledger's own tables that are there: a database may be shared with others. */
async function presentTables(db: AnyDatabase): Promise<readonly string[]> {
  const own = new Set(await ownTables());
  const present = await db.introspection.getTables();
  return [...new Set(present.map(({ name }) => name))].filter((name) => own.has(name)).toSorted();
}

/** The tables that this program's migrations make, seen on a scratch database. */
async function ownTables(): Promise<readonly string[]> {
  const scratch = new Kysely({ dialect: sqliteDialect(':memory:') });
  try {
    await migrate(scratch as unknown as LedgerDatabase);
    return (await scratch.introspection.getTables()).map(({ name }) => name);
  } finally {
    await scratch.destroy();
  }
}

async function* sqliteRows(db: AnyDatabase, table: string): AsyncGenerator<readonly Row[]> {
  for (let after = 0; ; ) {
    const { rows } = await sql<Row>`select rowid as "the_rowid", * from ${sql.table(table)}
      where rowid > ${after} order by rowid limit ${ROWS_AT_ONCE}`.execute(db);
    if (rows.length === 0) return;
    after = Number(rows.at(-1)?.the_rowid);
    yield rows.map(({ the_rowid: _, ...row }) => portable(table, row));
  }
}

async function* postgresRows(db: AnyDatabase, table: string): AsyncGenerator<readonly Row[]> {
  await sql`declare backup_rows no scroll cursor for select * from ${sql.table(table)}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(ROWS_AT_ONCE)} from backup_rows`.execute(db);
    if (rows.length === 0) break;
    yield rows.map((row) => portable(table, row));
  }
  await sql`close backup_rows`.execute(db);
}

/** @throws ArchiveError for a value that JSON would change: none of the ledger's columns may hold one. */
function portable(table: string, row: Row): Row {
  for (const [column, value] of Object.entries(row)) {
    if (value !== null && typeof value === 'object')
      throw new ArchiveError(`${table}.${column}: expected text or a number, got ${typeof value}`);
  }
  return row;
}
