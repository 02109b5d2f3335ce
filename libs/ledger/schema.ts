import type { Kysely } from 'kysely';

/**
 * The tables. Portable columns only: text ids, integer milliseconds, JSON as text, booleans as 0 or 1.
 * Columns are snake_case in the database and camelCase here (CamelCasePlugin).
 */
export interface LedgerTables {
  readonly node: NodeTable;
  readonly nodeAct: NodeActTable;
  readonly spentGrant: SpentGrantTable;
  readonly declaration: DeclarationTable;
  readonly cause: CauseTable;
  readonly finding: FindingTable;
  readonly alert: AlertTable;
  readonly act: ActTable;
  readonly silence: SilenceTable;
  readonly notice: NoticeTable;
  readonly delivery: DeliveryTable;
  readonly channel: ChannelTable;
  readonly person: PersonTable;
  readonly session: SessionTable;
  readonly founding: FoundingTable;
  readonly tenancy: TenancyTable;
  readonly assessment: AssessmentTable;
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
  /** A person took it out of service; null: it serves. */
  decommissionedMs: number | null;
}

interface NodeActTable {
  node: string;
  atMs: number;
  act: string;
  by: string;
  reason: string;
}

/** What allowed a node to join, once; append-only. */
interface SpentGrantTable {
  id: string;
  node: string;
  atMs: number;
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
  kind: string;
  site: string;
  tenant: string | null;
  assignee: string | null;
  openedMs: number;
  updatedMs: number;
  resolvedMs: number | null;
  /** Who resolved it; null: its findings have ended, or it goes on. */
  resolvedBy: string | null;
  /** How often it has opened: 1, and one more for each time that it opened again. */
  episode: number;
  /** Wall clock of its newest opening, of its newest change, and of its newest notice (0: none). */
  raisedMs: number;
  touchedMs: number;
  noticedMs: number;
  /** The notice by which people were told that it goes on; null: they were not, or were told of its end. */
  announced: string | null;
  /** Its open findings, and its nodes. */
  open: number;
  nodes: number;
  /** The latest end of a finding, 0: none. */
  endedMs: number;
  summary: string;
}

/** The history of alerts, append-only. */
interface ActTable {
  alert: string;
  number: number;
  atMs: number;
  by: string;
  kind: string;
  /** The act, JSON. */
  body: string;
  /** The alert's state after it. */
  state: string;
}

interface SilenceTable {
  id: string;
  purpose: string;
  /** JSON. */
  scope: string;
  fromMs: number;
  untilMs: number;
  reason: string;
  by: string;
  createdMs: number;
  endedMs: number | null;
  endedBy: string | null;
}

interface NoticeTable {
  id: string;
  alert: string;
  event: string;
  body: string;
  /** Grows with every notice of an alert. */
  createdMs: number;
  deliveredMs: number | null;
}

/** One notice to one channel. A notice that has none and is not delivered is still to be addressed. */
interface DeliveryTable {
  notice: string;
  channel: string;
  attempts: number;
  deliveredMs: number | null;
  lastError: string | null;
}

interface ChannelTable {
  name: string;
  target: string;
  reportedMs: number;
  /** Until when it has got digests. */
  digestedMs: number;
}

interface PersonTable {
  name: string;
  role: string;
  tenant: string | null;
  disabled: number;
  passwordHash: string;
  createdMs: number;
}

interface SessionTable {
  /** SHA-256 of the token, hex. */
  tokenHash: string;
  name: string;
  createdMs: number;
  expiresMs: number;
}

/** One row at most: those who would register the first person write to it first, and wait for each other. */
interface FoundingTable {
  id: number;
}

/** Whose a node is from then on, by the register; append-only. */
interface TenancyTable {
  node: string;
  fromMs: number;
  tenant: string | null;
}

/** The assessments that are kept, append-only, and the part of each that a board shows. */
interface AssessmentTable {
  node: string;
  windowEndMs: number;
  revision: string;
  behaviour: string;
  conformity: string;
  grade: string;
  heartbeat: string;
  /** The assessment, JSON. */
  body: string;
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
