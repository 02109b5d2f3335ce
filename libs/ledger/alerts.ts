import type { Selectable } from 'kysely';
import {
  type AlertHead,
  type AlertLife,
  beginAlert,
  growAlert,
  joins,
  type Member,
  memberAfter,
  newestOf,
  type Step,
} from '#libs/casework/alert-life.ts';
import type { Alert } from '#libs/model/alert.ts';
import type { Finding, Severity } from '#libs/model/finding.ts';
import { idOf } from './ids.ts';
import { noticesOf } from './notices.ts';
import type { AlertBook, AlertChange } from './port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { transact } from './transact.ts';

export function alertBook(db: LedgerDatabase): AlertBook {
  return {
    take: (finding) => transact(db, (transaction) => take(transaction, finding)),
    async alerts({ state } = {}) {
      const all = db.selectFrom('alert').selectAll().orderBy('openedMs').orderBy('id');
      const rows = await (state ? all.where('state', '=', state) : all).execute();
      return await withLists(db, rows);
    },
    async findings({ status } = {}) {
      const all = db.selectFrom('finding').select('body').orderBy('openedMs').orderBy('id');
      const rows = await (status ? all.where('status', '=', status) : all).execute();
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

type AlertRow = Selectable<LedgerTables['alert']>;
type FindingRow = Selectable<LedgerTables['finding']>;

async function take(db: LedgerDatabase, message: Finding): Promise<AlertChange | null> {
  await lockCause(db, message.cause);
  const row = await db.selectFrom('finding').selectAll().where('id', '=', message.id).executeTakeFirst();
  const former = row ? toMember(row) : null;
  const newest = row ? newestOf(JSON.parse(row.body) as Finding, message) : message;
  const member = memberAfter(former, message, newest);
  if (member.peak === 'info') {
    await keepFinding(db, newest, member, null);
    return null;
  }
  const step = await stepOf(db, newest, row?.alert ? former : null, row?.alert ?? null, member);
  await keepFinding(db, newest, member, step.life.alert.id);
  const notices = step.change === 'unchanged' ? [] : await keepStep(db, step, newest);
  return { alert: step.life.alert, change: step.change, notices };
}

/** Writing to the cause's row first makes takers of the same cause wait for each other, on either database. */
async function lockCause(db: LedgerDatabase, cause: string): Promise<void> {
  await db
    .insertInto('cause')
    .values({ cause, takes: 1 })
    .onConflict((conflict) =>
      conflict.column('cause').doUpdateSet((eb) => ({ takes: eb('cause.takes', '+', 1) })),
    )
    .execute();
}

/** @param former what the alert `id` knew of the finding; null, both of them: it belongs to none yet. */
async function stepOf(
  db: LedgerDatabase,
  newest: Finding,
  former: Member | null,
  id: string | null,
  member: Member,
): Promise<Step> {
  const life = await lifeOf(db, newest.cause, id);
  if (!life || (id === null && !joins(life.alert, member))) {
    return beginAlert(await nextId(db, newest.cause), newest, member);
  }
  const isNewNode = former === null && !(await hasNode(db, life.alert.id, member.node));
  return growAlert(life, newest.kind, former, member, isNewNode);
}

/**
 * By its number among the alerts of its cause: sister nodes' findings may come in any order after a restart, and the
 * alert is the same whichever is first. The cause is locked.
 */
async function nextId(db: LedgerDatabase, cause: string): Promise<string> {
  const { count } = await db
    .selectFrom('alert')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('cause', '=', cause)
    .executeTakeFirstOrThrow();
  return idOf('alert', cause, count + 1);
}

/** The alert of this id, or else the newest of this cause. */
async function lifeOf(db: LedgerDatabase, cause: string, id: string | null): Promise<AlertLife | null> {
  const all = db.selectFrom('alert').selectAll();
  const row = await (id === null
    ? all.where('cause', '=', cause).orderBy('openedMs', 'desc').orderBy('id').limit(1)
    : all.where('id', '=', id)
  ).executeTakeFirst();
  if (!row) return null;
  const { episode, open, nodes, endedMs } = row;
  return { alert: toHead(row), episode, open, nodes, endedMs };
}

async function hasNode(db: LedgerDatabase, alert: string, node: string): Promise<boolean> {
  const row = await db
    .selectFrom('finding')
    .select('id')
    .where('alert', '=', alert)
    .where('node', '=', node)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function keepFinding(
  db: LedgerDatabase,
  newest: Finding,
  member: Member,
  alert: string | null,
): Promise<void> {
  const { id, cause, node } = newest;
  const { status, peak, openedMs, updatedMs, endedMs } = member;
  const changes = { alert, status, peak, openedMs, updatedMs, endedMs, body: JSON.stringify(newest) };
  await db
    .insertInto('finding')
    .values({ id, cause, node, ...changes })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
}

/** @returns the ids of the notices written. */
async function keepStep(
  db: LedgerDatabase,
  { life, events }: Step,
  newest: Finding,
): Promise<readonly string[]> {
  const { alert: head, ...counts } = life;
  const { id, ...changes } = { ...head, ...counts };
  await db
    .insertInto('alert')
    .values({ id, ...changes })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
  if (events.length === 0) return [];
  const [alert] = await withLists(db, [{ id, ...changes }]);
  const notices = alert ? noticesOf(alert, life.episode, events, newest, Date.now()) : [];
  await db
    .insertInto('notice')
    .values(notices)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return notices.map((notice) => notice.id);
}

const ALERTS_A_QUERY = 1_000;

async function withLists(db: LedgerDatabase, rows: readonly AlertRow[]): Promise<Alert[]> {
  const alerts: Alert[] = [];
  for (let at = 0; at < rows.length; at += ALERTS_A_QUERY) {
    const some = rows.slice(at, at + ALERTS_A_QUERY);
    const ids = some.map(({ id }) => id);
    const findings = await db
      .selectFrom('finding')
      .select(['alert', 'id', 'node'])
      .where('alert', 'in', ids)
      .orderBy('openedMs')
      .orderBy('id')
      .execute();
    const byAlert = Map.groupBy(findings, ({ alert }) => alert);
    for (const row of some) {
      const own = byAlert.get(row.id) ?? [];
      const nodes = [...new Set(own.map(({ node }) => node))];
      alerts.push({ ...toHead(row), findings: own.map(({ id }) => id), nodes });
    }
  }
  return alerts;
}

function toHead({ episode: _, open: __, nodes: ___, endedMs: ____, ...row }: AlertRow): AlertHead {
  return { ...row, state: row.state as Alert['state'], severity: row.severity as Severity };
}

function toMember({ node, status, peak, openedMs, updatedMs, endedMs }: FindingRow): Member {
  return { node, status: status as Member['status'], peak: peak as Severity, openedMs, updatedMs, endedMs };
}
