import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** People who log in, their sessions, and the assessments that are kept. */
export const people: Migration = {
  async up(db: Kysely<unknown>) {
    await createPeople(db);
    await createAssessments(db);
  },
};

async function createPeople(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('person')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text')
    .addColumn('disabled', 'integer', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('session')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('session_by_name').on('session').column('name').execute();
  // One row, written to first: consoles that start at once wait for each other.
  await db.schema
    .createTable('founding')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .execute();
}

async function createAssessments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('assessment')
    .addColumn('node', 'text', (column) => column.notNull())
    .addColumn('window_end_ms', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'text', (column) => column.notNull())
    .addColumn('behaviour', 'text', (column) => column.notNull())
    .addColumn('conformity', 'text', (column) => column.notNull())
    .addColumn('grade', 'text', (column) => column.notNull())
    .addColumn('heartbeat', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('assessment_key', ['node', 'window_end_ms', 'revision'])
    .execute();
  // Boards read a span of all nodes, and forgetting goes by time.
  await db.schema.createIndex('assessment_by_time').on('assessment').column('window_end_ms').execute();
}
