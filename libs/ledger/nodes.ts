import type { Selectable } from 'kysely';
import { NotFoundError } from '#libs/runtime/errors.ts';
import type { NodeRecord, NodeRegister } from './port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';

export function nodeRegister(db: LedgerDatabase): NodeRegister {
  return {
    async see(record) {
      await db
        .insertInto('node')
        .values(toRow(record))
        .onConflict((conflict) => conflict.column('node').doNothing())
        .execute();
    },
    async enrol(record) {
      const { node: _, ...changes } = toRow(record);
      await db
        .insertInto('node')
        .values(toRow(record))
        .onConflict((conflict) => conflict.column('node').doUpdateSet(changes))
        .execute();
    },
    async decommission(node, atMs) {
      const { numUpdatedRows } = await db
        .updateTable('node')
        // The first time counts: taking it out of service again does not move it.
        .set((eb) => ({ decommissionedMs: eb.fn.coalesce('decommissionedMs', eb.val(atMs)) }))
        .where('node', '=', node)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new NotFoundError(`node ${node}: expected one that the ledger knows`);
    },
    async find(node) {
      const row = await db.selectFrom('node').selectAll().where('node', '=', node).executeTakeFirst();
      return row ? toRecord(row) : null;
    },
    async list() {
      const rows = await db.selectFrom('node').selectAll().orderBy('node').execute();
      return rows.map(toRecord);
    },
  };
}

type Row = Selectable<LedgerTables['node']>;

const toRow = (record: NodeRecord): Row => ({
  node: record.node,
  site: record.site,
  tenant: record.tenant,
  hardware: record.hardware,
  publicKey: record.publicKey,
  enrolled: record.enrolled ? 1 : 0,
  credentialHash: record.credentialHash,
  firstSeenMs: record.firstSeenMs,
  decommissionedMs: record.decommissionedMs,
});

const toRecord = (row: Row): NodeRecord => ({ ...row, enrolled: row.enrolled === 1 });
