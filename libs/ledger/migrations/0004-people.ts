import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** People who log in, their sessions, whose a node was when, and the assessments that are kept. */
export const people: Migration = {
  async up(db: Kysely<unknown>) {
    await createPeople(db);
    await createTenancies(db);
    await createAssessments(db);
    await db.schema.createIndex('finding_by_node').on('finding').columns(['node', 'updated_ms']).execute();
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

async function createTenancies(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tenancy')
    .addColumn('node', 'text', (column) => column.notNull())
    .addColumn('from_ms', 'bigint', (column) => column.notNull())
    .addColumn('tenant', 'text')
    .addPrimaryKeyConstraint('tenancy_key', ['node', 'from_ms'])
    .execute();
  // Of former tenants nothing is known.
  await sql`insert into tenancy (node, from_ms, tenant) select node, 0, tenant from node where tenant is not null`.execute(
    db,
  );
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
  // Boards read the verdicts of all nodes over a span: here they lie beside each other, without the bodies.
  await db.schema
    .createIndex('assessment_by_time')
    .on('assessment')
    .columns(['window_end_ms', 'node', 'revision', 'behaviour', 'conformity', 'grade', 'heartbeat'])
    .execute();
}
