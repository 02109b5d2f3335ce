import type { AlertLife } from '#libs/casework/alert-life.ts';
import type { DoneAct, Step } from '#libs/casework/alert-steps.ts';
import type { Finding } from '#libs/model/finding.ts';
import type { AlertChange, Notice } from './alert-port.ts';
import { type StoredAlert, withLists } from './alert-rows.ts';
import { type Cause, noticesOf } from './notices.ts';
import type { LedgerDatabase } from './schema.ts';

/** Writing to the cause's row first makes writers of its alerts wait for each other, on either database. */
export async function lockCause(db: LedgerDatabase, cause: string): Promise<void> {
  await db
    .insertInto('cause')
    .values({ cause, takes: 1 })
    .onConflict((conflict) =>
      conflict.column('cause').doUpdateSet((eb) => ({ takes: eb('cause.takes', '+', 1) })),
    )
    .execute();
}

/** Reads an alert after locking its cause; null: there is none of this id. */
export async function lockedAlert(db: LedgerDatabase, id: string): Promise<StoredAlert | null> {
  const found = await db.selectFrom('alert').select('cause').where('id', '=', id).executeTakeFirst();
  if (!found) return null;
  await lockCause(db, found.cause);
  return await db.selectFrom('alert').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/**
 * Writes a step: the alert, its history, and the notices of its events.
 * @param row the alert before; null: it begins.
 * @param news the finding that caused the step; null: an act or a silence did.
 */
export async function keepStep(
  db: LedgerDatabase,
  row: StoredAlert | null,
  step: Step,
  news: Finding | null,
  nowMs: number,
): Promise<AlertChange> {
  const { life, change } = step;
  const stored = toStored(row, life);
  if (change !== 'unchanged') await keepAlert(db, stored);
  await keepActs(db, life.alert.id, step.acts, nowMs);
  const notices = await keepNotices(db, stored, step, news, nowMs);
  return { alert: life.alert, change, notices: notices.map(({ id }) => id) };
}

function toStored(row: StoredAlert | null, life: AlertLife): StoredAlert {
  const { alert, announced, ...counts } = life;
  const { noticedMs = 0, announced: former = null } = row ?? {};
  return { ...alert, ...counts, noticedMs, announced: announced ? former : null };
}

async function keepAlert(db: LedgerDatabase, { id, ...changes }: StoredAlert): Promise<void> {
  await db
    .insertInto('alert')
    .values({ id, ...changes })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
    .execute();
}

async function keepActs(
  db: LedgerDatabase,
  alert: string,
  acts: readonly DoneAct[],
  nowMs: number,
): Promise<void> {
  if (acts.length === 0) return;
  const last = await lastNumber(db, alert);
  const rows = acts.map(({ by, act, state }, index) => ({
    alert,
    number: last + index + 1,
    atMs: nowMs,
    by,
    kind: act.kind,
    body: JSON.stringify(act),
    state,
  }));
  await db.insertInto('act').values(rows).execute();
}

/** Of the alert's history. The cause is locked. */
export async function lastNumber(db: LedgerDatabase, alert: string): Promise<number> {
  const { last } = await db
    .selectFrom('act')
    .select(({ fn }) => fn.max('number').as('last'))
    .where('alert', '=', alert)
    .executeTakeFirstOrThrow();
  return last ?? 0;
}

async function keepNotices(
  db: LedgerDatabase,
  stored: StoredAlert,
  step: Step,
  news: Finding | null,
  nowMs: number,
): Promise<readonly Notice[]> {
  if (step.events.length === 0) return [];
  const cause: Cause = {
    episode: step.life.episode,
    number: await lastNumber(db, stored.id),
    act: news ? null : (step.acts.at(-1) ?? null),
    finding: news ?? (await newestFinding(db, stored.id)),
    // Notices of an alert are told apart, and kept in order, by their time.
    createdMs: Math.max(nowMs, stored.noticedMs + 1),
  };
  const [alert] = await withLists(db, [stored]);
  const notices = alert ? noticesOf(alert, step.events, cause) : [];
  await db.insertInto('notice').values(notices).execute();
  const opened = notices.findLast(({ event }) => event === 'opened');
  await db
    .updateTable('alert')
    .set({
      noticedMs: notices.at(-1)?.createdMs ?? stored.noticedMs,
      announced: step.life.announced ? (opened?.id ?? stored.announced) : null,
    })
    .where('id', '=', stored.id)
    .execute();
  return notices;
}

/** Of the open ones, else of all. */
async function newestFinding(db: LedgerDatabase, alert: string): Promise<Finding | null> {
  const row = await db
    .selectFrom('finding')
    .select('body')
    .where('alert', '=', alert)
    .orderBy('status', 'desc')
    .orderBy('updatedMs', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row ? (JSON.parse(row.body) as Finding) : null;
}
