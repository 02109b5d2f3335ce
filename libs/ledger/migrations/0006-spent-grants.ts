import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Which one-time grants were spent, on which node; append-only. */
export const spentGrants: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('spent_grant')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .execute();
  },
};
