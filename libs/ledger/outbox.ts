import type { Selectable } from 'kysely';
import type { Notice, Outbox } from './port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';

export function outbox(db: LedgerDatabase): Outbox {
  return {
    async pending(limit) {
      const rows = await db
        .selectFrom('notice')
        .selectAll()
        .where('deliveredMs', 'is', null)
        .orderBy('createdMs')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toNotice);
    },
    async find(id) {
      const row = await db.selectFrom('notice').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toNotice(row) : null;
    },
    async next(alert) {
      const row = await db
        .selectFrom('notice')
        .selectAll()
        .where('alert', '=', alert)
        .where('deliveredMs', 'is', null)
        .orderBy('createdMs')
        .orderBy('id')
        .executeTakeFirst();
      return row ? toNotice(row) : null;
    },
    async shelve(id, atMs, reason) {
      await db
        .updateTable('notice')
        .set({ deliveredMs: atMs, lastError: reason })
        .where('id', '=', id)
        .where('deliveredMs', 'is', null)
        .execute();
    },
    async attempted(id, atMs, error) {
      await db
        .updateTable('notice')
        .set((eb) => ({
          attempts: eb('attempts', '+', 1),
          lastError: error,
          // The first acknowledgement counts: a repeat does not move it, a failed repeat does not undo it.
          deliveredMs: error === null ? eb.fn.coalesce('deliveredMs', eb.val(atMs)) : eb.ref('deliveredMs'),
        }))
        .where('id', '=', id)
        .execute();
    },
    async list() {
      const rows = await db.selectFrom('notice').selectAll().orderBy('createdMs').orderBy('id').execute();
      return rows.map(toNotice);
    },
  };
}

const toNotice = (row: Selectable<LedgerTables['notice']>): Notice => ({
  ...row,
  event: row.event as Notice['event'],
});
