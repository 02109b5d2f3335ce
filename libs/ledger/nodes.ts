import type { Selectable } from 'kysely';
import { NotFoundError } from '#libs/runtime/errors.ts';
import type { JoinOutcome, NodeJoin, NodeRecord, NodeRegister } from './port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { transact } from './transact.ts';

export function nodeRegister(db: LedgerDatabase): NodeRegister {
  return {
    async see(record) {
      // Most nodes that are seen have no tenant yet, and need one statement.
      if (record.tenant === null) await insert(db, record);
      else await transact(db, (it) => see(it, record));
    },
    enrol: (record) => transact(db, (it) => enrol(it, record)),
    join: (given) => transact(db, (it) => join(it, given)),
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
    find: (node) => find(db, node),
    async list() {
      const rows = await db.selectFrom('node').selectAll().orderBy('node').execute();
      return rows.map(toRecord);
    },
    async turns() {
      return await db.selectFrom('tenancy').selectAll().orderBy('node').orderBy('fromMs').execute();
    },
  };
}

async function find(db: LedgerDatabase, node: string): Promise<NodeRecord | null> {
  const row = await db.selectFrom('node').selectAll().where('node', '=', node).executeTakeFirst();
  return row ? toRecord(row) : null;
}

/** False: it is there already. */
async function insert(db: LedgerDatabase, record: NodeRecord): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await db
    .insertInto('node')
    .values(toRow(record))
    .onConflict((conflict) => conflict.column('node').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

async function see(db: LedgerDatabase, record: NodeRecord): Promise<void> {
  if (await insert(db, record)) await turnTo(db, record);
}

async function enrol(db: LedgerDatabase, record: NodeRecord): Promise<void> {
  const { node: _, ...changes } = toRow(record);
  await db
    .insertInto('node')
    .values(toRow(record))
    .onConflict((conflict) => conflict.column('node').doUpdateSet(changes))
    .execute();
  await turnTo(db, record);
}

/** Of two at once the slower one meets a key that is there, and runs again on what the other has left. */
async function join(db: LedgerDatabase, given: NodeJoin): Promise<JoinOutcome> {
  const { grant, isNamed, atMs, ...changes } = given;
  const { node } = changes;
  const spent = await db.selectFrom('spentGrant').select('id').where('id', '=', grant).executeTakeFirst();
  if (spent) return 'spent';
  const known = await find(db, node);
  if (known && !isNamed) return 'known';
  await db.insertInto('spentGrant').values({ id: grant, node, atMs }).execute();
  const { hardware = null, firstSeenMs = atMs } = known ?? {};
  const record = { ...changes, hardware, firstSeenMs, enrolled: true, decommissionedMs: null };
  if (isNamed) await enrol(db, record);
  else await create(db, record);
  return 'joined';
}

async function create(db: LedgerDatabase, record: NodeRecord): Promise<void> {
  await db.insertInto('node').values(toRow(record)).execute();
  await turnTo(db, record);
}

/** Notes whose the node is from now on, if that is news. The node's row is locked. */
async function turnTo(db: LedgerDatabase, { node, tenant }: NodeRecord): Promise<void> {
  const last = await db
    .selectFrom('tenancy')
    .selectAll()
    .where('node', '=', node)
    .orderBy('fromMs', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (tenant === (last?.tenant ?? null)) return;
  const fromMs = last ? Math.max(Date.now(), last.fromMs + 1) : 0;
  await db.insertInto('tenancy').values({ node, fromMs, tenant }).execute();
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
