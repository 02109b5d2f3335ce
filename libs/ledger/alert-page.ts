import { type ExpressionBuilder, sql } from 'kysely';
import { SEVERITIES } from '#libs/model/finding.ts';
import type { AlertQuery, AlertRow, Page } from './alert-port.ts';
import { toRow } from './alert-rows.ts';
import { afterCursor, cursorOf } from './cursor.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';

type Condition = ExpressionBuilder<LedgerTables, 'alert'>;

/** The place of a severity in the model's list. */
const RANK = sql<number>`case severity ${sql.join(
  SEVERITIES.map((severity, rank) => sql`when ${sql.lit(severity)} then ${sql.lit(rank)}`),
  sql` `,
)} end`;

export async function page(db: LedgerDatabase, query: AlertQuery): Promise<Page<AlertRow>> {
  const { states, severities, site, tenant, assignee, after, limit } = query;
  const bySeverity = query.order === 'severity';
  let all = db.selectFrom('alert').selectAll();
  if (bySeverity) all = all.orderBy(RANK, 'desc');
  all = all.orderBy('openedMs', 'desc').orderBy('id', 'desc');
  if (states !== undefined) all = all.where('state', 'in', states);
  if (severities !== undefined) all = all.where('severity', 'in', severities);
  if (site !== undefined) all = all.where('site', '=', site);
  if (tenant !== undefined) all = all.where('tenant', '=', tenant);
  if (assignee !== undefined) all = all.where('assignee', '=', assignee);
  if (after !== undefined) {
    const isAfter = bySeverity ? lowerThan(after) : olderThan(after);
    all = all.where(isAfter);
  }
  const rows = await all.limit(limit + 1).execute();
  const shown = rows.slice(0, limit).map(toRow);
  const last = shown.at(-1);
  if (rows.length <= limit || !last) return { rows: shown, next: null };
  const place = cursorOf(last.openedMs, last.id);
  return { rows: shown, next: bySeverity ? cursorOf(SEVERITIES.indexOf(last.severity), place) : place };
}

function olderThan(cursor: string) {
  const [openedMs, id] = afterCursor(cursor);
  return (eb: Condition) =>
    eb.or([eb('openedMs', '<', openedMs), eb.and([eb('openedMs', '=', openedMs), eb('id', '<', id)])]);
}

/** Less grave, or as grave and older. */
function lowerThan(cursor: string) {
  const [rank, place] = afterCursor(cursor);
  const isOlder = olderThan(place);
  return (eb: Condition) => eb.or([eb(RANK, '<', rank), eb.and([eb(RANK, '=', rank), isOlder(eb)])]);
}
