import { actOn, refusalOf } from '#libs/casework/acts.ts';
import type { Act } from '#libs/model/alert.ts';
import { ConflictError, NotFoundError } from '#libs/runtime/errors.ts';
import type { AlertChange } from './alert-port.ts';
import { toLife } from './alert-rows.ts';
import { keepStep, lastNumber, lockedAlert } from './alert-steps.ts';
import { idOf } from './ids.ts';
import type { LedgerDatabase } from './schema.ts';
import { coverNow } from './silence-cover.ts';

/** An act, within a transaction. @throws NotFoundError, ConflictError */
export async function act(
  db: LedgerDatabase,
  id: string,
  deed: Act,
  by: string,
  nowMs: number,
): Promise<AlertChange> {
  const row = await lockedAlert(db, id);
  if (!row) throw new NotFoundError(`alert ${id}: expected one that the ledger knows`);
  if (deed.kind === 'silence') await addOwnSilence(db, id, deed, by, nowMs);
  if (deed.kind === 'unsilence') await endOwnSilences(db, id, by, nowMs);
  const life = toLife(row);
  const moment = { nowMs, cover: await coverNow(db, life.alert, nowMs) };
  const refusal = refusalOf(life, deed, by, moment);
  if (refusal !== null) throw new ConflictError(refusal);
  return await keepStep(db, row, actOn(life, deed, by, moment), null, nowMs);
}

async function addOwnSilence(
  db: LedgerDatabase,
  alert: string,
  { untilMs, reason }: Extract<Act, { kind: 'silence' }>,
  by: string,
  nowMs: number,
): Promise<void> {
  await db
    .insertInto('silence')
    .values({
      id: idOf('silence', alert, (await lastNumber(db, alert)) + 1),
      purpose: 'silence',
      scope: scopeOf(alert),
      fromMs: nowMs,
      untilMs,
      reason,
      by,
      createdMs: nowMs,
      endedMs: null,
      endedBy: null,
    })
    .execute();
}

async function endOwnSilences(db: LedgerDatabase, alert: string, by: string, nowMs: number): Promise<void> {
  await db
    .updateTable('silence')
    .set({ endedMs: nowMs, endedBy: by })
    .where('scope', '=', scopeOf(alert))
    .where('untilMs', '>', nowMs)
    .where('endedMs', 'is', null)
    .execute();
}

const scopeOf = (alert: string): string => JSON.stringify({ alert });
