import type { Selectable } from 'kysely';
import { NotFoundError } from '#libs/runtime/errors.ts';
import type { NodeRecord, NodeRegister } from './port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { transact } from './transact.ts';

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
    async decommission(node, atMs, by, reason) {
      await transact(db, async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('node')
          .set({ decommissionedMs: atMs })
          .where('node', '=', node)
          .where('decommissionedMs', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return await refuseUnknown(transaction, node);
        await transaction
          .insertInto('nodeAct')
          .values({ node, atMs, act: 'decommission', by, reason })
          .execute();
      });
    },
    async history(node) {
      const rows = await db
        .selectFrom('nodeAct')
        .selectAll()
        .where('node', '=', node)
        .orderBy('atMs')
        .execute();
      return rows.map((row) => ({ ...row, act: 'decommission' as const }));
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

async function refuseUnknown(db: LedgerDatabase, node: string): Promise<void> {
  const known = await db.selectFrom('node').select('node').where('node', '=', node).executeTakeFirst();
  if (!known) throw new NotFoundError(`node ${node}: expected one that the ledger knows`);
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
