import type { Selectable } from 'kysely';
import { coverOf, covers, type Subject } from '#libs/casework/silences.ts';
import type { Silence, SilenceScope } from '#libs/model/silence.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';

/** The silence that covers an alert at this time; null: none. */
export async function coverNow(db: LedgerDatabase, subject: Subject, nowMs: number): Promise<Silence | null> {
  const silences = await activeSilences(db, nowMs);
  return await coverAmong(db, silences, subject, nowMs);
}

/** The alert's open nodes are read only where a silence asks for them. */
export async function coverAmong(
  db: LedgerDatabase,
  silences: readonly Silence[],
  subject: Subject,
  nowMs: number,
): Promise<Silence | null> {
  const fitting = silences.filter(({ scope: { nodes: _, ...rest } }) => covers(rest, subject, []));
  if (fitting.length === 0) return null;
  const needsNodes = fitting.some(({ scope }) => scope.nodes !== undefined);
  return coverOf(fitting, subject, needsNodes ? await openNodes(db, subject.id) : [], nowMs);
}

export async function activeSilences(db: LedgerDatabase, nowMs: number): Promise<Silence[]> {
  const rows = await db
    .selectFrom('silence')
    .selectAll()
    .where('untilMs', '>', nowMs)
    .where('fromMs', '<=', nowMs)
    .where('endedMs', 'is', null)
    .execute();
  return rows.map(toSilence);
}

export const toSilence = (row: Selectable<LedgerTables['silence']>): Silence => ({
  ...row,
  purpose: row.purpose as Silence['purpose'],
  scope: JSON.parse(row.scope) as SilenceScope,
});

async function openNodes(db: LedgerDatabase, alert: string): Promise<string[]> {
  const rows = await db
    .selectFrom('finding')
    .select('node')
    .distinct()
    .where('alert', '=', alert)
    .where('status', '=', 'open')
    .execute();
  return rows.map(({ node }) => node);
}
