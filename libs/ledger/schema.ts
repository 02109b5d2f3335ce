import type { Kysely } from 'kysely';

/**
 * The tables. Portable columns only: text ids, integer milliseconds, JSON as text, booleans as 0 or 1.
 * Columns are snake_case in the database and camelCase here (CamelCasePlugin).
 */
export interface LedgerTables {
  readonly node: NodeTable;
  readonly declaration: DeclarationTable;
  readonly cause: CauseTable;
  readonly finding: FindingTable;
  readonly alert: AlertTable;
  readonly notice: NoticeTable;
  readonly chain: ChainTable;
  readonly run: RunTable;
  readonly job: JobTable;
}

export type LedgerDatabase = Kysely<LedgerTables>;

interface NodeTable {
  node: string;
  site: string;
  tenant: string | null;
  hardware: string | null;
  publicKey: string | null;
  enrolled: number;
  credentialHash: string | null;
  firstSeenMs: number;
}

interface DeclarationTable {
  id: string;
  version: number;
  recordedMs: number;
  /** The declaration with its keys in fixed order, so that equal content is equal text. */
  body: string;
}

/** One row a cause: writing to it first makes takers of the same cause wait for each other. */
interface CauseTable {
  cause: string;
  takes: number;
}

interface FindingTable {
  id: string;
  cause: string;
  /** The alert it belongs to; null: it never was above `info`. */
  alert: string | null;
  node: string;
  /** In its newest message. */
  status: string;
  updatedMs: number;
  /** Highest severity, earliest beginning and latest end (0: none) of any of its messages. */
  peak: string;
  openedMs: number;
  endedMs: number;
  /** The newest state, JSON. */
  body: string;
}

interface AlertTable {
  id: string;
  cause: string;
  state: string;
  severity: string;
  site: string;
  tenant: string | null;
  openedMs: number;
  updatedMs: number;
  resolvedMs: number | null;
  /** How often it has opened: 1, and one more for each time that a newer message reopened it. */
  episode: number;
  /** Its open findings, and its nodes. */
  open: number;
  nodes: number;
  /** The latest end of a finding, 0: none. */
  endedMs: number;
  summary: string;
}

interface NoticeTable {
  id: string;
  alert: string;
  event: string;
  body: string;
  createdMs: number;
  deliveredMs: number | null;
  attempts: number;
  lastError: string | null;
}

/** One boot of one agent. */
interface ChainTable {
  id: string;
  node: string;
  boot: string;
  sent: number;
}

/** Disjoint runs of sequence numbers that do not touch; both ends included. */
interface RunTable {
  chain: string;
  fate: string;
  fromSeq: number;
  toSeq: number;
}

interface JobTable {
  queue: string;
  id: string;
  payload: string;
  state: string;
  dueMs: number;
  attempt: number;
  attempts: number;
  backoffMs: number;
  /** Who runs it, and until when nobody else may. */
  owner: string | null;
  leaseMs: number;
  lastError: string | null;
}
