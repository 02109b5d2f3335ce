import type { Selectable } from 'kysely';
import {
  beginAlert,
  growAlert,
  joins,
  type Member,
  memberAfter,
  newestOf,
} from '#libs/casework/alert-life.ts';
import type { Step } from '#libs/casework/alert-steps.ts';
import type { Subject } from '#libs/casework/silences.ts';
import type { Finding, Severity } from '#libs/model/finding.ts';
import type { AlertChange } from './alert-port.ts';
import { type StoredAlert, toLife } from './alert-rows.ts';
import { keepStep, lockCause } from './alert-steps.ts';
import { idOf } from './ids.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';
import { coverNow } from './silence-cover.ts';

/** Takes in a message about a finding, within a transaction. Null: it raises nothing. */
export async function take(db: LedgerDatabase, message: Finding, nowMs: number): Promise<AlertChange | null> {
  await lockCause(db, message.cause);
  const row = await db.selectFrom('finding').selectAll().where('id', '=', message.id).executeTakeFirst();
  const former = row ? toMember(row) : null;
  const newest = row ? newestOf(JSON.parse(row.body) as Finding, message) : message;
  const member = memberAfter(former, message, newest);
  if (member.peak === 'info') {
    await keepFinding(db, newest, member, null);
    return null;
  }
  const known = row?.alert ? former : null;
  const alert = await alertFor(db, newest, row?.alert ?? null, member);
  const isNewNode = known === null && !(alert && (await hasNode(db, alert.id, member.node)));
  const id = alert?.id ?? (await nextId(db, newest.cause));
  await keepFinding(db, newest, member, id);
  const step = await stepOf(db, newest, { alert, id, known, member, isNewNode, nowMs });
  return await keepStep(db, alert, step, newest, nowMs);
}

interface News {
  /** Null: the finding begins one, of this id. */
  readonly alert: StoredAlert | null;
  readonly id: string;
  /** What the alert knew of the finding. */
  readonly known: Member | null;
  readonly member: Member;
  readonly isNewNode: boolean;
  readonly nowMs: number;
}

async function stepOf(db: LedgerDatabase, newest: Finding, news: News): Promise<Step> {
  const { alert, id, known, member, isNewNode, nowMs } = news;
  const subject: Subject = { id, site: newest.site, tenant: newest.tenant, kind: newest.kind };
  const moment = { nowMs, cover: await coverNow(db, subject, nowMs) };
  if (!alert) return beginAlert(id, newest, member, moment);
  return growAlert(toLife(alert), known, member, isNewNode, moment);
}

/** The alert that the finding belongs to, or else the newest of its cause where that may be joined. */
async function alertFor(
  db: LedgerDatabase,
  { cause }: Finding,
  id: string | null,
  member: Member,
): Promise<StoredAlert | null> {
  const all = db.selectFrom('alert').selectAll();
  const row = await (id === null
    ? all.where('cause', '=', cause).orderBy('openedMs', 'desc').orderBy('id').limit(1)
    : all.where('id', '=', id)
  ).executeTakeFirst();
  if (!row || (id === null && !joins(toLife(row).alert, member))) return null;
  return row;
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

type FindingRow = Selectable<LedgerTables['finding']>;

function toMember({ node, status, peak, openedMs, updatedMs, endedMs }: FindingRow): Member {
  return { node, status: status as Member['status'], peak: peak as Severity, openedMs, updatedMs, endedMs };
}
