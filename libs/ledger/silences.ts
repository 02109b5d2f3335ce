import { settleAlert } from '#libs/casework/alert-life.ts';
import type { Silence, SilenceScope } from '#libs/model/silence.ts';
import { ConflictError, NotFoundError } from '#libs/runtime/errors.ts';
import type { AlertChange, SilenceBook } from './alert-port.ts';
import { type StoredAlert, toHead, toLife } from './alert-rows.ts';
import { keepStep, lockedAlert } from './alert-steps.ts';
import type { LedgerDatabase } from './schema.ts';
import { activeSilences, coverAmong, toSilence } from './silence-cover.ts';
import { transact } from './transact.ts';

/** Silences that are over, shown beside those that are not. */
const PAST_SHOWN = 100;

export function silenceBook(db: LedgerDatabase): SilenceBook {
  return {
    add: (silence) => add(db, silence),
    async end(id, by, atMs) {
      const found = await db.selectFrom('silence').select('id').where('id', '=', id).executeTakeFirst();
      if (!found) throw new NotFoundError(`silence ${id}: expected one that the ledger knows`);
      await db
        .updateTable('silence')
        .set({ endedMs: atMs, endedBy: by })
        .where('id', '=', id)
        .where('endedMs', 'is', null)
        .where('untilMs', '>', atMs)
        .execute();
    },
    list: (nowMs) => list(db, nowMs),
    settle: (nowMs) => settle(db, nowMs),
  };
}

async function add(db: LedgerDatabase, silence: Silence): Promise<void> {
  const { id, purpose, scope, fromMs, untilMs, reason, by, createdMs, endedMs, endedBy } = silence;
  const body = { purpose, scope: textOf(scope), fromMs, untilMs, reason, by, createdMs, endedMs, endedBy };
  await db
    .insertInto('silence')
    .values({ id, ...body })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const kept = await db.selectFrom('silence').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const same = (['scope', 'fromMs', 'untilMs', 'reason', 'by'] as const).every(
    (key) => kept[key] === body[key],
  );
  if (!same) throw new ConflictError(`silence ${id} exists with other content; expected another id`);
}

/** Keys in fixed order, so that equal scopes are equal texts. */
const textOf = ({ alert, site, tenant, kind, nodes }: SilenceScope): string =>
  JSON.stringify({ alert, site, tenant, kind, nodes });

async function list(db: LedgerDatabase, nowMs: number): Promise<Silence[]> {
  const all = db.selectFrom('silence').selectAll();
  const present = await all
    .where('untilMs', '>', nowMs)
    .where('endedMs', 'is', null)
    .orderBy('fromMs')
    .orderBy('id')
    .execute();
  const past = await all
    .where((eb) => eb.or([eb('untilMs', '<=', nowMs), eb('endedMs', 'is not', null)]))
    .orderBy('untilMs', 'desc')
    .orderBy('id')
    .limit(PAST_SHOWN)
    .execute();
  return [...present, ...past].map(toSilence);
}

/** Alerts are compared first and changed one by one, each in a transaction that looks again. */
async function settle(db: LedgerDatabase, nowMs: number): Promise<AlertChange[]> {
  const silences = await activeSilences(db, nowMs);
  const changes: AlertChange[] = [];
  for (const row of await candidates(db, silences.length > 0)) {
    if (await agrees(db, silences, row, nowMs)) continue;
    const change = await transact(db, (transaction) => settleOne(transaction, row.id, nowMs));
    if (change) changes.push(change);
  }
  return changes;
}

/** Without a silence only what is silenced can be out of line. */
async function candidates(db: LedgerDatabase, anySilence: boolean): Promise<StoredAlert[]> {
  const all = db.selectFrom('alert').selectAll().orderBy('openedMs').orderBy('id');
  return await (anySilence
    ? all.where('state', '!=', 'resolved')
    : all.where('state', '=', 'silenced')
  ).execute();
}

async function agrees(
  db: LedgerDatabase,
  silences: readonly Silence[],
  row: StoredAlert,
  nowMs: number,
): Promise<boolean> {
  const cover = await coverAmong(db, silences, toHead(row), nowMs);
  return (cover !== null) === (row.state === 'silenced');
}

async function settleOne(db: LedgerDatabase, id: string, nowMs: number): Promise<AlertChange | null> {
  const row = await lockedAlert(db, id);
  if (!row) return null;
  const cover = await coverAmong(db, await activeSilences(db, nowMs), toHead(row), nowMs);
  const step = settleAlert(toLife(row), { nowMs, cover });
  return step.change === 'unchanged' ? null : await keepStep(db, row, step, null, nowMs);
}
