import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The ledger's first tables. Times are Unix milliseconds, flags 0 or 1, bodies JSON text. */
export const start: Migration = {
  async up(db: Kysely<unknown>) {
    await createRegisters(db);
    await createCasework(db);
    await createCustody(db);
  },
};

async function createRegisters(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('node')
    .addColumn('node', 'text', (column) => column.primaryKey())
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text')
    .addColumn('hardware', 'text')
    .addColumn('public_key', 'text')
    .addColumn('enrolled', 'integer', (column) => column.notNull())
    .addColumn('credential_hash', 'text')
    .addColumn('first_seen_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('declaration')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('recorded_ms', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('declaration_key', ['id', 'version'])
    .execute();
}

async function createCasework(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('cause')
    .addColumn('cause', 'text', (column) => column.primaryKey())
    .addColumn('takes', 'bigint', (column) => column.notNull())
    .execute();
  await createFinding(db);
  await createAlert(db);
  await createNotice(db);
}

async function createFinding(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('finding')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('alert', 'text')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('peak', 'text', (column) => column.notNull())
    .addColumn('node', 'text', (column) => column.notNull())
    .addColumn('opened_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_ms', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('finding_by_alert').on('finding').columns(['alert', 'node']).execute();
  await db.schema.createIndex('finding_by_status').on('finding').columns(['status', 'opened_ms']).execute();
}

async function createAlert(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('cause', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('severity', 'text', (column) => column.notNull())
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('tenant', 'text')
    .addColumn('opened_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_ms', 'bigint', (column) => column.notNull())
    .addColumn('resolved_ms', 'bigint')
    .addColumn('episode', 'integer', (column) => column.notNull())
    .addColumn('open', 'integer', (column) => column.notNull())
    .addColumn('nodes', 'integer', (column) => column.notNull())
    .addColumn('ended_ms', 'bigint', (column) => column.notNull())
    .addColumn('summary', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('alert_by_cause').on('alert').columns(['cause', 'opened_ms']).execute();
  await db.schema.createIndex('alert_by_state').on('alert').columns(['state', 'opened_ms']).execute();
}

async function createNotice(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notice')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('delivered_ms', 'bigint')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('last_error', 'text')
    .execute();
  await db.schema
    .createIndex('notice_by_delivery')
    .on('notice')
    .columns(['delivered_ms', 'created_ms'])
    .execute();
}

async function createCustody(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('node', 'text', (column) => column.notNull())
    .addColumn('boot', 'text', (column) => column.notNull())
    .addColumn('sent', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('run')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('fate', 'text', (column) => column.notNull())
    .addColumn('from_seq', 'bigint', (column) => column.notNull())
    .addColumn('to_seq', 'bigint', (column) => column.notNull())
    // Runs are disjoint, so their ends sort them as well as their beginnings, and new runs touch the tail.
    .addPrimaryKeyConstraint('run_key', ['chain', 'fate', 'to_seq'])
    .execute();
}
