import type { Selectable } from 'kysely';
import {
  type AlertLife,
  beginAlert,
  growAlert,
  highestOf,
  joins,
  type Member,
  memberOf,
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
      const members = await membersOf(
        db,
        rows.map(({ id }) => id),
      );
      return rows.map((row) => toAlert(row, members.get(row.id) ?? []));
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

async function take(db: LedgerDatabase, finding: Finding): Promise<AlertChange | null> {
  await lockCause(db, finding.cause);
  const known = await db.selectFrom('finding').selectAll().where('id', '=', finding.id).executeTakeFirst();
  const former = known ? (JSON.parse(known.body) as Finding) : finding;
  const newest = newestOf(former, finding);
  const peak = highestOf((known?.peak as Severity | undefined) ?? 'info', finding.severity);
  if (peak === 'info') {
    await keepFinding(db, newest, peak, null);
    return null;
  }
  const life = await lifeOf(db, known?.alert ?? null, newest);
  const member = memberOf(newest, peak);
  const step = life
    ? growAlert(life, newest.kind, member)
    : beginAlert(idOf('alert', newest.cause, newest.id), newest, member);
  await keepFinding(db, newest, peak, step.life.alert.id);
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

/** The alert that the finding has, or else joins. */
async function lifeOf(db: LedgerDatabase, id: string | null, finding: Finding): Promise<AlertLife | null> {
  const all = db.selectFrom('alert').selectAll();
  const row = await (id
    ? all.where('id', '=', id)
    : all.where('cause', '=', finding.cause).orderBy('openedMs', 'desc').orderBy('id').limit(1)
  ).executeTakeFirst();
  if (!row) return null;
  if (!id && !joins({ state: row.state as Alert['state'], resolvedMs: row.resolvedMs }, finding)) return null;
  const members = (await membersOf(db, [row.id])).get(row.id) ?? [];
  return { alert: toAlert(row, members), episode: row.episode, members };
}

/** In the order in which an alert lists its findings. */
async function membersOf(db: LedgerDatabase, alerts: readonly string[]): Promise<Map<string, Member[]>> {
  const members = new Map<string, Member[]>();
  for (let at = 0; at < alerts.length; at += ALERTS_A_QUERY) {
    const rows = await db
      .selectFrom('finding')
      .select(['alert', 'id', 'node', 'status', 'peak', 'openedMs', 'updatedMs', 'closedMs'])
      .where('alert', 'in', alerts.slice(at, at + ALERTS_A_QUERY))
      .orderBy('alert')
      .orderBy('openedMs')
      .orderBy('id')
      .execute();
    for (const { alert, ...row } of rows) {
      const list = members.get(alert ?? '') ?? [];
      members.set(alert ?? '', list);
      list.push({ ...row, status: row.status as Member['status'], peak: row.peak as Severity });
    }
  }
  return members;
}

const ALERTS_A_QUERY = 1_000;

async function keepFinding(db: LedgerDatabase, finding: Finding, peak: Severity, alert: string | null) {
  const { id, cause, status, node, openedMs, updatedMs, closedMs } = finding;
  const body = JSON.stringify(finding);
  const changes = { alert, status, peak, openedMs, updatedMs, closedMs, body };
  await db
    .insertInto('finding')
    .values({ id, cause, node, ...changes })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
}

/** @returns the ids of the notices written. */
async function keepStep(db: LedgerDatabase, step: Step, newest: Finding): Promise<readonly string[]> {
  const { findings: _, nodes: __, ...alert } = step.life.alert;
  const { id, ...changes } = { ...alert, kind: newest.kind, episode: step.life.episode };
  await db
    .insertInto('alert')
    .values({ id, ...changes })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
  const notices = noticesOf(step, newest, Date.now());
  if (notices.length === 0) return [];
  await db
    .insertInto('notice')
    .values(notices)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return notices.map((notice) => notice.id);
}

function toAlert(row: Selectable<LedgerTables['alert']>, members: readonly Member[]): Alert {
  const { episode: _, kind: __, ...alert } = row;
  return {
    ...alert,
    state: row.state as Alert['state'],
    severity: row.severity as Severity,
    findings: members.map(({ id }) => id),
    nodes: [...new Set(members.map(({ node }) => node))],
  };
}
