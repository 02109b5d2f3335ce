import type { Migration } from 'kysely/migration';
import { Migrator } from 'kysely/migration';
import { start } from './migrations/0001-start.ts';
import { jobs } from './migrations/0002-jobs.ts';
import type { LedgerDatabase } from './schema.ts';

const MIGRATIONS: Readonly<Record<string, Migration>> = { '0001-start': start, '0002-jobs': jobs };

/**
 * Brings the schema to this version, all or nothing. Services that start at once wait for each other: on
 * PostgreSQL by an advisory lock, on SQLite because every transaction begins by taking the write lock.
 * @throws the first migration's error; LedgerUnavailableError when the database does not answer.
 */
export async function migrate(db: LedgerDatabase): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
