import type { Act, RecordedAct } from '#libs/model/alert.ts';
import type { Finding, Severity } from '#libs/model/finding.ts';
import { act } from './alert-act.ts';
import { page } from './alert-page.ts';
import type { AlertBook, AlertRow, Unattended } from './alert-port.ts';
import { toRow, withLists } from './alert-rows.ts';
import { take } from './alert-take.ts';
import type { LedgerDatabase } from './schema.ts';
import { transact } from './transact.ts';

export function alertBook(db: LedgerDatabase): AlertBook {
  return {
    take: (finding) => transact(db, (transaction) => take(transaction, finding, Date.now())),
    act: (id, deed, by, atMs) => transact(db, (transaction) => act(transaction, id, deed, by, atMs)),
    history: (alert) => history(db, alert),
    async find(id) {
      const rows = await db.selectFrom('alert').selectAll().where('id', '=', id).execute();
      return (await withLists(db, rows))[0] ?? null;
    },
    page: (query) => page(db, query),
    async between(fromMs, toMs) {
      const [opened, resolved, open] = await Promise.all([
        openedBetween(db, fromMs, toMs),
        resolvedBetween(db, fromMs, toMs),
        ongoingAlerts(db),
      ]);
      return { opened, resolved, open };
    },
    unattended: (alert) => unattended(db, alert),
    async idle(beforeMs) {
      const rows = await db
        .selectFrom('alert')
        .select('id')
        .where('state', 'in', ['open', 'acknowledged', 'escalated'])
        .where('touchedMs', '<', beforeMs)
        .orderBy('touchedMs')
        .execute();
      return rows.map(({ id }) => id);
    },
    async alerts({ state } = {}) {
      const all = db.selectFrom('alert').selectAll().orderBy('openedMs').orderBy('id');
      const rows = await (state ? all.where('state', '=', state) : all).execute();
      return await withLists(db, rows);
    },
    async findings({ status, alert, node, newest } = {}) {
      let all = db.selectFrom('finding').select('body');
      if (newest === undefined) all = all.orderBy('openedMs').orderBy('id');
      // `open` stands after `closed`.
      else all = all.orderBy('status', 'desc').orderBy('updatedMs', 'desc').orderBy('id').limit(newest);
      if (status !== undefined) all = all.where('status', '=', status);
      if (alert !== undefined) all = all.where('alert', '=', alert);
      if (node !== undefined) all = all.where('node', '=', node);
      const rows = await all.execute();
      return rows.map(({ body }) => JSON.parse(body) as Finding);
    },
    async concerned() {
      const rows = await db
        .selectFrom('alert')
        .innerJoin('finding', 'finding.alert', 'alert.id')
        .select('finding.node')
        .distinct()
        .where('alert.state', '!=', 'resolved')
        .execute();
      return new Set(rows.map(({ node }) => node));
    },
  };
}

async function history(db: LedgerDatabase, alert: string): Promise<RecordedAct[]> {
  const rows = await db.selectFrom('act').selectAll().where('alert', '=', alert).orderBy('number').execute();
  return rows.map(({ number, atMs, by, body, state }) => ({
    alert,
    number,
    atMs,
    by,
    act: JSON.parse(body) as Act,
    state: state as RecordedAct['state'],
  }));
}

async function openedBetween(db: LedgerDatabase, fromMs: number, toMs: number): Promise<AlertRow[]> {
  const rows = await db
    .selectFrom('alert')
    .selectAll()
    .where('raisedMs', '>=', fromMs)
    .where('raisedMs', '<', toMs)
    .orderBy('raisedMs', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(toRow);
}

/** Also those that have opened again since. */
async function resolvedBetween(db: LedgerDatabase, fromMs: number, toMs: number): Promise<AlertRow[]> {
  const ended = db
    .selectFrom('act')
    .select('alert')
    .where('kind', '=', 'resolve')
    .where('atMs', '>=', fromMs)
    .where('atMs', '<', toMs);
  const rows = await db
    .selectFrom('alert')
    .selectAll()
    .where('id', 'in', ended)
    .orderBy('resolvedMs', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(toRow);
}

async function ongoingAlerts(db: LedgerDatabase): Promise<AlertRow[]> {
  const rows = await db
    .selectFrom('alert')
    .selectAll()
    .where('state', '!=', 'resolved')
    .orderBy('openedMs', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(toRow);
}

async function unattended(db: LedgerDatabase, alert: string | undefined): Promise<Unattended[]> {
  const all = db
    .selectFrom('alert')
    .select(['id', 'severity', 'episode', 'raisedMs'])
    .where('state', '=', 'open')
    .orderBy('raisedMs');
  const rows = await (alert === undefined ? all : all.where('id', '=', alert)).execute();
  return rows.map((row) => ({ ...row, severity: row.severity as Severity }));
}
