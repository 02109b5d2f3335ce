import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The life of an alert: acts, silences, deliveries by channel. What the tables of before hold is kept. */
export const casework: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('node').addColumn('decommissioned_ms', 'bigint').execute();
    await extendAlert(db);
    await createAct(db);
    await createSilence(db);
    await createDelivery(db);
    await createChannel(db);
    await db.schema.createIndex('chain_by_node').on('chain').columns(['node', 'boot']).execute();
  },
};

/** Kinds as they were named when summaries began with them. */
const KINDS = [
  'deviation',
  'blind',
  'blind with load',
  'energy mismatch',
  'unmetered load',
  'tariff mismatch',
  'undeclared device',
  'inspection-correlated',
  'clock',
  'clone',
];

async function extendAlert(db: Kysely<unknown>): Promise<void> {
  const nowMs = sql.lit(Date.now());
  await db.schema
    .alterTable('alert')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('deviation'))
    .execute();
  await db.schema.alterTable('alert').addColumn('assignee', 'text').execute();
  for (const name of ['raised_ms', 'touched_ms', 'noticed_ms']) {
    await db.schema
      .alterTable('alert')
      .addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0))
      .execute();
  }
  await db.schema.alterTable('alert').addColumn('announced', 'text').execute();
  await db.schema.alterTable('alert').addColumn('resolved_by', 'text').execute();
  await db.schema.createIndex('alert_by_opening').on('alert').columns(['opened_ms', 'id']).execute();
  await db.schema.createIndex('notice_by_alert').on('notice').columns(['alert', 'created_ms']).execute();
  for (const kind of KINDS) {
    await sql`update alert set kind = ${kind} where summary like ${`${kind} on %`}`.execute(db);
  }
  await sql`update alert set raised_ms = ${nowMs}, touched_ms = ${nowMs},
    noticed_ms = coalesce((select max(created_ms) from notice where notice.alert = alert.id), 0)`.execute(db);
  // People believe that an alert goes on when they were told of it and not of its end.
  await sql`update alert set announced = (select id from notice where notice.alert = alert.id and event = 'opened'
    order by created_ms desc, id limit 1) where state <> 'resolved'`.execute(db);
}

async function createAct(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('act')
    .addColumn('alert', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('by', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('act_key', ['alert', 'number'])
    .execute();
  await db.schema.createIndex('act_by_time').on('act').columns(['kind', 'at_ms']).execute();
}

async function createSilence(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('silence')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('from_ms', 'bigint', (column) => column.notNull())
    .addColumn('until_ms', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('by', 'text', (column) => column.notNull())
    .addColumn('created_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_ms', 'bigint')
    .addColumn('ended_by', 'text')
    .execute();
  await db.schema.createIndex('silence_by_end').on('silence').columns(['until_ms']).execute();
}

/** Before, there was one channel, and a notice held its outcome. Those that were never tried are addressed anew. */
async function createDelivery(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('delivery')
    .addColumn('notice', 'text', (column) => column.notNull())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('delivered_ms', 'bigint')
    .addColumn('last_error', 'text')
    .addPrimaryKeyConstraint('delivery_key', ['notice', 'channel'])
    .execute();
  await db.schema
    .createIndex('delivery_by_outcome')
    .on('delivery')
    .columns(['delivered_ms', 'channel'])
    .execute();
  await sql`insert into delivery (notice, channel, attempts, delivered_ms, last_error)
    select id, 'webhook', attempts, delivered_ms, last_error from notice where attempts > 0`.execute(db);
  await db.schema.alterTable('notice').dropColumn('attempts').execute();
  await db.schema.alterTable('notice').dropColumn('last_error').execute();
}

async function createChannel(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channel')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('reported_ms', 'bigint', (column) => column.notNull())
    .addColumn('digested_ms', 'bigint', (column) => column.notNull())
    .execute();
}
