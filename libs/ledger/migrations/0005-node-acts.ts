import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What people did to nodes, with name and reason; append-only. */
export const nodeActs: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('node_act')
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('act', 'text', (column) => column.notNull())
      .addColumn('by', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('node_act_key', ['node', 'at_ms', 'act'])
      .execute();
  },
};
