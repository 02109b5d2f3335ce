import type { AlertHead } from '#libs/casework/alert-life.ts';
import type { Alert } from '#libs/model/alert.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import type { Finding } from '#libs/model/finding.ts';

/**
 * The ledger: tenants, nodes, declarations, findings, alerts, what happened to every frame, and what must still be
 * told to whom. One set of queries over SQLite and PostgreSQL, on portable columns: text ids, integer
 * milliseconds, JSON text.
 */
export interface Ledger {
  /** Brings the schema to this version. Safe to call from several services at once. */
  migrate(): Promise<void>;
  readonly nodes: NodeRegister;
  readonly declarations: DeclarationRegister;
  readonly alerts: AlertBook;
  readonly outbox: Outbox;
  readonly custody: Custody;
  /** Resolves when the database answers; rejects with `LedgerUnavailableError`. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface NodeRecord {
  readonly node: string;
  readonly site: string;
  readonly tenant: string | null;
  /** Free text that peers share, e.g. `8x H100`; null: unknown. */
  readonly hardware: string | null;
  /** Ed25519 public key, hex; null until one is seen or enrolled. */
  readonly publicKey: string | null;
  /** A person enrolled the key; else it was trusted on first use. */
  readonly enrolled: boolean;
  /** SHA-256 of the node's gateway credential, hex; null: it does not come through a gateway. */
  readonly credentialHash: string | null;
  readonly firstSeenMs: number;
}

export interface NodeRegister {
  /** Inserts the node, or leaves what is there (trust on first use). */
  see(record: NodeRecord): Promise<void>;
  /** Inserts or replaces the node: a person's act. */
  enrol(record: NodeRecord): Promise<void>;
  find(node: string): Promise<NodeRecord | null>;
  list(): Promise<readonly NodeRecord[]>;
}

export interface DeclarationRegister {
  /** Appends a version. @throws ConflictError if this id and version exist with other content. */
  append(declaration: Declaration): Promise<void>;
  /** Every version of every declaration, oldest first. */
  list(): Promise<readonly Declaration[]>;
}

/** What taking in a finding did to its alert. */
export interface AlertChange {
  readonly alert: AlertHead;
  readonly change: 'opened' | 'grew' | 'resolved' | 'unchanged';
  /** Ids of the notices it wrote, oldest first. */
  readonly notices: readonly string[];
}

export interface AlertBook {
  /**
   * Takes in a finding in one transaction: stores its newest state, opens or extends the alert of its cause,
   * resolves it when its last finding has closed, and writes an outbox row for `opened` and `resolved`.
   * The same finding again changes nothing. Severity `info` is stored and raises nothing.
   */
  take(finding: Finding): Promise<AlertChange | null>;
  alerts(filter?: { readonly state?: Alert['state'] }): Promise<readonly Alert[]>;
  findings(filter?: { readonly status?: Finding['status'] }): Promise<readonly Finding[]>;
  /** Nodes of alerts that are not resolved. */
  concerned(): Promise<ReadonlySet<string>>;
}

/** Something a receiver must be told. Its id is the idempotency key that the receiver sees. */
export interface Notice {
  readonly id: string;
  readonly alert: string;
  readonly event: 'opened' | 'resolved' | 'escalated';
  /** The body as it will be sent, JSON. */
  readonly body: string;
  readonly createdMs: number;
  readonly deliveredMs: number | null;
  readonly attempts: number;
  readonly lastError: string | null;
}

export interface Outbox {
  /** Not delivered yet, oldest first. */
  pending(limit: number): Promise<readonly Notice[]>;
  find(id: string): Promise<Notice | null>;
  /** The oldest notice of an alert that is not delivered yet: a receiver is told of its events in their order. */
  next(alert: string): Promise<Notice | null>;
  /** Counts an attempt; `error` null: the receiver acknowledged. An attempt after delivery counts as a repeat. */
  attempted(id: string, atMs: number, error: string | null): Promise<void>;
  /** Closes a notice that nobody is to be sent, without an attempt; `reason` shows as its last error. */
  shelve(id: string, atMs: number, reason: string): Promise<void>;
  /** All notices with their attempts: for the status page and tests. */
  list(): Promise<readonly Notice[]>;
}

/** What became of a frame. `dropped`: by the agent itself, its spool being full. */
export const FATES = ['stored', 'dead', 'dropped'] as const;
export type Fate = (typeof FATES)[number];

/** A run of sequence numbers, both ends included. */
export interface CustodyEntry {
  readonly node: string;
  readonly boot: string;
  readonly fate: Fate;
  readonly from: number;
  readonly to: number;
}

/** One agent's row of the loss ledger: sent = stored + dead + dropped + in flight. */
export interface LossRow {
  readonly node: string;
  readonly boot: string;
  /** Highest sequence number heard of, by payload or header. */
  readonly sent: number;
  readonly stored: number;
  readonly dead: number;
  readonly dropped: number;
  readonly inFlight: number;
}

export interface Custody {
  /** Adds runs; the union is kept, so that the same entries twice change nothing. */
  account(entries: readonly CustodyEntry[]): Promise<void>;
  /** A frame both dead and stored (re-driven) counts as stored. */
  balance(): Promise<readonly LossRow[]>;
}
