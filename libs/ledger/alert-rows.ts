import type { Selectable } from 'kysely';
import type { AlertHead, AlertLife } from '#libs/casework/alert-life.ts';
import type { Alert } from '#libs/model/alert.ts';
import type { FindingKind, Severity } from '#libs/model/finding.ts';
import type { AlertRow } from './alert-port.ts';
import type { LedgerDatabase, LedgerTables } from './schema.ts';

export type StoredAlert = Selectable<LedgerTables['alert']>;

export const toHead = (row: StoredAlert): AlertHead => ({
  id: row.id,
  cause: row.cause,
  state: row.state as Alert['state'],
  severity: row.severity as Severity,
  kind: row.kind as FindingKind,
  site: row.site,
  tenant: row.tenant,
  openedMs: row.openedMs,
  updatedMs: row.updatedMs,
  resolvedMs: row.resolvedMs,
  assignee: row.assignee,
  summary: row.summary,
});

export const toRow = (row: StoredAlert): AlertRow => ({ ...toHead(row), nodeCount: row.nodes });

export const toLife = (row: StoredAlert): AlertLife => ({
  alert: toHead(row),
  episode: row.episode,
  open: row.open,
  nodes: row.nodes,
  endedMs: row.endedMs,
  raisedMs: row.raisedMs,
  touchedMs: row.touchedMs,
  announced: row.announced !== null,
  resolvedBy: row.resolvedBy,
});

const ALERTS_A_QUERY = 1_000;

/** The alerts with their findings and nodes, in the order of the rows. */
export async function withLists(db: LedgerDatabase, rows: readonly StoredAlert[]): Promise<Alert[]> {
  const alerts: Alert[] = [];
  for (let at = 0; at < rows.length; at += ALERTS_A_QUERY) {
    const some = rows.slice(at, at + ALERTS_A_QUERY);
    const findings = await db
      .selectFrom('finding')
      .select(['alert', 'id', 'node'])
      .where(
        'alert',
        'in',
        some.map(({ id }) => id),
      )
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
