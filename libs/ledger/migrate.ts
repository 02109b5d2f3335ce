import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { Migrator } from 'kysely/migration';
import { ConfigError } from '#libs/runtime/errors.ts';
import { start } from './migrations/0001-start.ts';
import { jobs } from './migrations/0002-jobs.ts';
import { casework } from './migrations/0003-casework.ts';
import { people } from './migrations/0004-people.ts';
import { nodeActs } from './migrations/0005-node-acts.ts';
import { spentGrants } from './migrations/0006-spent-grants.ts';
import type { LedgerDatabase } from './schema.ts';
import { stateOf } from './transact.ts';

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-start': start,
  '0002-jobs': jobs,
  '0003-casework': casework,
  '0004-people': people,
  '0005-node-acts': nodeActs,
  '0006-spent-grants': spentGrants,
};

/** The schema of this program: the name of its last migration. */
export const NEWEST_SCHEMA = Object.keys(MIGRATIONS).at(-1) ?? '';

/** Whether this program can make that schema, and bring it to its own. */
export function isKnownSchema(name: string): boolean {
  return name in MIGRATIONS;
}

/**
 * Brings the schema to this version, all or nothing. Services that start at once wait for each other: on
 * PostgreSQL by an advisory lock, on SQLite because every transaction begins by taking the write lock.
 * @param schema an earlier version, where one is wanted: to put rows back as they were.
 * @throws ConfigError when a newer program has been here; the first migration's error; LedgerUnavailableError when
 * the database does not answer.
 */
export async function migrate(db: LedgerDatabase, schema: string = NEWEST_SCHEMA): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  try {
    await atRest(async () => {
      const { error } = await migrator.migrateTo(schema);
      if (error !== undefined) throw error;
    });
  } catch (cause) {
    const present = await schemaOf(db);
    if (present === null || isKnownSchema(present)) throw cause;
    throw new ConfigError(
      `the ledger has the schema ${present}, and this program knows none after ${NEWEST_SCHEMA}: expected the program that made it, or a newer one`,
      { cause },
    );
  }
}

/**
 * PostgreSQL's catalogue is read before the lock is taken. While another service changes the schema, that may name a
 * column, a table or a sequence that is gone, or make one that has come: 42703, 42P01, 42P07, 23505.
 */
const CHANGING = new Set(['42703', '42P01', '42P07', '23505']);
const TRIES = 20;
const WAIT_MS = 100;

/** Runs `look` again while the schema is being changed, for two seconds at most. */
async function atRest<T>(look: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await look();
    } catch (error) {
      if (attempt === TRIES || !CHANGING.has(stateOf(error))) throw error;
      await sleep(WAIT_MS);
    }
  }
}

/** The last migration that a database has seen; null: none yet. */
export async function schemaOf(db: LedgerDatabase): Promise<string | null> {
  const tables = await atRest(() => db.introspection.getTables({ withInternalKyselyTables: true }));
  if (!tables.some(({ name }) => name === 'kysely_migration')) return null;
  const { rows } = await sql<{ name: string | null }>`select max(name) as name from kysely_migration`.execute(
    db,
  );
  return rows[0]?.name ?? null;
}
