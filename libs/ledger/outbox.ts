import { type Selectable, sql } from 'kysely';
import type { Severity } from '#libs/model/finding.ts';
import type { Delivery, DeliveryFilter, Notice, Outbox } from './alert-port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { transact } from './transact.ts';

export function outbox(db: LedgerDatabase): Outbox {
  return {
    async pending(limit) {
      return (await oldestFirst(db).where('deliveredMs', 'is', null).limit(limit).execute()).map(toNotice);
    },
    async unaddressed(limit) {
      const rows = await oldestFirst(db)
        .where('deliveredMs', 'is', null)
        .where(UNADDRESSED)
        .limit(limit)
        .execute();
      return rows.map(toNotice);
    },
    async find(id) {
      const row = await db.selectFrom('notice').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toNotice(row) : null;
    },
    next: (alert, channel) => next(db, alert, channel),
    address: (notice, channels, atMs) =>
      transact(db, (transaction) => address(transaction, notice, channels, atMs)),
    withdraw: (kept, atMs, reason) =>
      transact(db, (transaction) => withdraw(transaction, kept, atMs, reason)),
    deliveries: (filter) => deliveries(db, filter),
    waiting: () => waiting(db),
    standing: (channel, alert) => standing(db, channel, alert),
    untold: (severities) => untold(db, severities),
    attempted: (notice, channel, atMs, error) =>
      transact(db, (transaction) => attempted(transaction, notice, channel, atMs, error)),
    async list() {
      return (await oldestFirst(db).execute()).map(toNotice);
    },
  };
}

const oldestFirst = (db: LedgerDatabase) =>
  db.selectFrom('notice').selectAll().orderBy('createdMs').orderBy('id');

const ADDRESSED = sql<boolean>`exists (select 1 from delivery where delivery.notice = notice.id)`;
const UNADDRESSED = sql<boolean>`not ${ADDRESSED}`;
const waitsFor = (channel: string) =>
  sql<boolean>`exists (select 1 from delivery where delivery.notice = notice.id
    and delivery.channel = ${channel} and delivery.delivered_ms is null)`;

async function next(db: LedgerDatabase, alert: string, channel: string): Promise<Notice | null> {
  const row = await oldestFirst(db)
    .where('alert', '=', alert)
    .where('deliveredMs', 'is', null)
    .where((eb) => eb.or([UNADDRESSED, waitsFor(channel)]))
    .limit(1)
    .executeTakeFirst();
  return row ? toNotice(row) : null;
}

async function address(
  db: LedgerDatabase,
  notice: string,
  channels: readonly string[],
  atMs: number,
): Promise<void> {
  await lockNotice(db, notice);
  const rows = channels.map((channel) => ({
    notice,
    channel,
    attempts: 0,
    deliveredMs: null,
    lastError: null,
  }));
  if (rows.length > 0) {
    await db
      .insertInto('delivery')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['notice', 'channel']).doNothing())
      .execute();
  }
  await closeOrOpen(db, notice, atMs);
}

async function withdraw(
  db: LedgerDatabase,
  kept: readonly string[],
  atMs: number,
  reason: string,
): Promise<void> {
  const waiting = await db
    .selectFrom('delivery')
    .select(['notice', 'channel'])
    .where('deliveredMs', 'is', null)
    .orderBy('notice')
    .orderBy('channel')
    .execute();
  for (const { notice, channel } of waiting) {
    if (kept.includes(channel)) continue;
    await lockNotice(db, notice);
    await db
      .updateTable('delivery')
      .set({ deliveredMs: atMs, lastError: reason })
      .where('notice', '=', notice)
      .where('channel', '=', channel)
      .where('deliveredMs', 'is', null)
      .execute();
    await closeOrOpen(db, notice, atMs);
  }
}

async function attempted(
  db: LedgerDatabase,
  notice: string,
  channel: string,
  atMs: number,
  error: string | null,
): Promise<void> {
  await lockNotice(db, notice);
  const { numUpdatedRows } = await db
    .updateTable('delivery')
    .set((eb) => ({
      attempts: eb('attempts', '+', 1),
      lastError: error,
      // The first acknowledgement counts: a repeat does not move it, a failed repeat does not undo it.
      deliveredMs: error === null ? eb.fn.coalesce('deliveredMs', eb.val(atMs)) : eb.ref('deliveredMs'),
    }))
    .where('notice', '=', notice)
    .where('channel', '=', channel)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await closeOrOpen(db, notice, atMs);
}

/** Writing to the notice first makes its channels wait for each other: the last one must see that it is the last. */
async function lockNotice(db: LedgerDatabase, notice: string): Promise<void> {
  await db
    .updateTable('notice')
    .set((eb) => ({ createdMs: eb.ref('createdMs') }))
    .where('id', '=', notice)
    .execute();
}

/** A notice is delivered when nobody it is addressed to waits for it; what is closed already keeps its time. */
async function closeOrOpen(db: LedgerDatabase, notice: string, atMs: number): Promise<void> {
  const waits = await db
    .selectFrom('delivery')
    .select('channel')
    .where('notice', '=', notice)
    .where('deliveredMs', 'is', null)
    .limit(1)
    .executeTakeFirst();
  await db
    .updateTable('notice')
    .set((eb) => ({ deliveredMs: waits ? null : eb.fn.coalesce('deliveredMs', eb.val(atMs)) }))
    .where('id', '=', notice)
    .execute();
}

const NONE_WAITS_BEFORE = sql<boolean>`not exists (select 1 from notice earlier
  join delivery other on other.notice = earlier.id
  where earlier.alert = notice.alert and (earlier.created_ms, earlier.id) < (notice.created_ms, notice.id)
  and other.channel = delivery.channel and other.delivered_ms is null)`;

async function deliveries(db: LedgerDatabase, filter: DeliveryFilter): Promise<Delivery[]> {
  const { notice, alert, channel, waiting, first, failing, limit } = filter;
  let all = db
    .selectFrom('delivery')
    .innerJoin('notice', 'notice.id', 'delivery.notice')
    .select(['delivery.notice', 'delivery.channel', 'delivery.attempts', 'delivery.deliveredMs'])
    .select(['delivery.lastError', 'notice.alert', 'notice.event', 'notice.createdMs'])
    .orderBy('notice.createdMs')
    .orderBy('notice.id')
    .orderBy('delivery.channel');
  if (notice !== undefined) all = all.where('delivery.notice', '=', notice);
  if (alert !== undefined) all = all.where('notice.alert', '=', alert);
  if (channel !== undefined) all = all.where('delivery.channel', '=', channel);
  if (waiting || first || failing) all = all.where('delivery.deliveredMs', 'is', null);
  if (first) all = all.where(NONE_WAITS_BEFORE);
  if (failing) all = all.where('delivery.attempts', '>', 0);
  const rows = await (limit === undefined ? all : all.limit(limit)).execute();
  return rows.map((row) => ({ ...row, event: row.event as Delivery['event'] }));
}

async function waiting(db: LedgerDatabase): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('delivery')
    .select(['channel', (eb) => eb.fn.countAll<number>().as('deliveries')])
    .where('deliveredMs', 'is', null)
    .groupBy('channel')
    .execute();
  return new Map(rows.map((row) => [row.channel, row.deliveries]));
}

async function standing(db: LedgerDatabase, channel: string, alert: string | undefined): Promise<Notice[]> {
  const all = db
    .selectFrom('alert')
    .innerJoin('notice', 'notice.id', 'alert.announced')
    .innerJoin('delivery', 'delivery.notice', 'notice.id')
    .selectAll('notice')
    .where('alert.state', 'in', ['open', 'acknowledged', 'escalated'])
    .where('delivery.channel', '=', channel)
    .where('delivery.deliveredMs', 'is not', null)
    .orderBy('notice.createdMs')
    .orderBy('notice.id');
  const rows = await (alert === undefined ? all : all.where('alert.id', '=', alert)).execute();
  return rows.map(toNotice);
}

async function untold(db: LedgerDatabase, severities: readonly Severity[]): Promise<Notice[]> {
  if (severities.length === 0) return [];
  const rows = await db
    .selectFrom('alert')
    .innerJoin('notice', 'notice.id', 'alert.announced')
    .selectAll('notice')
    .where('alert.state', 'in', ['open', 'acknowledged', 'escalated'])
    .where('alert.severity', 'in', severities)
    .where('notice.deliveredMs', 'is not', null)
    .where(UNADDRESSED)
    .orderBy('notice.createdMs')
    .orderBy('notice.id')
    .execute();
  return rows.map(toNotice);
}

const toNotice = (row: Selectable<LedgerTables['notice']>): Notice => ({
  ...row,
  event: row.event as Notice['event'],
});
