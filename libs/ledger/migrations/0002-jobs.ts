import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Rows of the embedded job store. */
export const jobs: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('job')
      .addColumn('queue', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('payload', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('due_ms', 'bigint', (column) => column.notNull())
      .addColumn('attempt', 'integer', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('backoff_ms', 'bigint', (column) => column.notNull())
      .addColumn('owner', 'text')
      .addColumn('lease_ms', 'bigint', (column) => column.notNull())
      .addColumn('last_error', 'text')
      .addPrimaryKeyConstraint('job_key', ['queue', 'id'])
      .execute();
    await db.schema.createIndex('job_by_due').on('job').columns(['queue', 'state', 'due_ms']).execute();
  },
};
