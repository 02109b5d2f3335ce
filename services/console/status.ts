import type { Ledger, LossRow, NodeRecord, Notice } from '#libs/ledger/port.ts';
import type { Alert } from '#libs/model/alert.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { BEHAVIOURS } from '#libs/model/behaviour.ts';
import type { Finding } from '#libs/model/finding.ts';

/** Everything the status page shows, as `GET /api/status` answers it. */
export interface Status {
  readonly timeMs: number;
  readonly nodes: readonly NodeStatus[];
  readonly findings: readonly Finding[];
  readonly alerts: readonly Alert[];
  readonly notices: readonly Pick<
    Notice,
    'id' | 'alert' | 'event' | 'attempts' | 'deliveredMs' | 'lastError'
  >[];
  readonly loss: readonly LossRow[];
  readonly totals: LossTotals;
  /** What the codes of behaviours mean. */
  readonly behaviours: Readonly<Record<string, string>>;
}

export interface NodeStatus extends Pick<NodeRecord, 'node' | 'site' | 'tenant' | 'enrolled'> {
  /** The newest assessment heard of since the console started. */
  readonly assessment: Assessment | null;
}

/** sent = stored + dead + dropped + inFlight. */
export type LossTotals = Omit<LossRow, 'node' | 'boot'>;

/** Findings are listed newest first; this many of the closed ones. */
const CLOSED_SHOWN = 50;

export async function gatherStatus(
  ledger: Ledger,
  newest: ReadonlyMap<string, Assessment>,
  timeMs: number,
): Promise<Status> {
  const [records, open, closed, alerts, notices, loss] = await Promise.all([
    ledger.nodes.list(),
    ledger.alerts.findings({ status: 'open' }),
    ledger.alerts.findings({ status: 'closed' }),
    ledger.alerts.alerts(),
    ledger.outbox.list(),
    ledger.custody.balance(),
  ]);
  return {
    timeMs,
    nodes: records.map((record) => nodeStatus(record, newest)),
    findings: [...byNewest(open), ...byNewest(closed).slice(0, CLOSED_SHOWN)],
    alerts: [...alerts].sort((a, b) => b.openedMs - a.openedMs),
    notices: notices.map(({ body: _, createdMs: __, ...notice }) => notice),
    loss,
    totals: totalLoss(loss),
    behaviours: BEHAVIOURS,
  };
}

export function totalLoss(rows: readonly LossRow[]): LossTotals {
  const sum = (key: keyof LossTotals) => rows.reduce((total, row) => total + row[key], 0);
  return {
    sent: sum('sent'),
    stored: sum('stored'),
    dead: sum('dead'),
    dropped: sum('dropped'),
    inFlight: sum('inFlight'),
  };
}

function nodeStatus(record: NodeRecord, newest: ReadonlyMap<string, Assessment>): NodeStatus {
  const { node, site, tenant, enrolled } = record;
  return { node, site, tenant, enrolled, assessment: newest.get(node) ?? null };
}

function byNewest(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => b.openedMs - a.openedMs);
}
