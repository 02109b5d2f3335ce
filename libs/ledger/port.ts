import type { Declaration } from '#libs/model/declaration.ts';
import type { AlertBook, ChannelRegister, Outbox, Page, SilenceBook } from './alert-port.ts';
import type { AssessmentRegister } from './assessment-port.ts';
import type { PeopleRegister } from './people-port.ts';

/**
 * The ledger: tenants, nodes, declarations, findings, alerts, what happened to every frame, and what must still be
 * told to whom. One set of queries over SQLite and PostgreSQL, on portable columns: text ids, integer
 * milliseconds, JSON text. What is written rejects with `LedgerRefusedError` where the database cannot hold it: PostgreSQL's
 * texts have no NUL, and a key of an index 2.7 kB.
 */
export interface Ledger {
  /** Brings the schema to this version. Safe to call from several services at once. */
  migrate(): Promise<void>;
  readonly nodes: NodeRegister;
  readonly declarations: DeclarationRegister;
  readonly alerts: AlertBook;
  readonly silences: SilenceBook;
  readonly outbox: Outbox;
  readonly channels: ChannelRegister;
  readonly people: PeopleRegister;
  readonly assessments: AssessmentRegister;
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
  /** When a person took it out of service; null: it serves. */
  readonly decommissionedMs: number | null;
}

/** A person's act on a node; append-only. */
export interface NodeAct {
  readonly node: string;
  readonly atMs: number;
  readonly act: 'decommission';
  readonly by: string;
  readonly reason: string;
}

/** A node that joins by itself, by what a person granted. */
export interface NodeJoin
  extends Pick<NodeRecord, 'node' | 'site' | 'tenant' | 'publicKey' | 'credentialHash'> {
  /** Id of the grant, which is good for one join. */
  readonly grant: string;
  /** The grant names this node: so it may also be one that is known, which joins anew. */
  readonly isNamed: boolean;
  readonly atMs: number;
}

/** `spent`: another join was faster; `known`: the node is known, and the grant does not name it. Neither changes anything. */
export type JoinOutcome = 'joined' | 'spent' | 'known';

export interface NodeRegister {
  /** Inserts the node, or leaves what is there (trust on first use). */
  see(record: NodeRecord): Promise<void>;
  /** Inserts or replaces the node: a person's act. */
  enrol(record: NodeRecord): Promise<void>;
  /** Spends the grant and enrols the node: both, or nothing. */
  join(join: NodeJoin): Promise<JoinOutcome>;
  /** Takes it out of service: a person's act, kept with name and reason; the first time counts. @throws NotFoundError */
  decommission(node: string, atMs: number, by: string, reason: string): Promise<void>;
  /** What people did to it, oldest first. */
  history(node: string): Promise<readonly NodeAct[]>;
  find(node: string): Promise<NodeRecord | null>;
  list(): Promise<readonly NodeRecord[]>;
  /** Whose nodes were by the register, by node and time. Nodes that never had a tenant are left out. */
  turns(): Promise<readonly TenantTurn[]>;
}

/** A node changes hands. */
export interface TenantTurn {
  readonly node: string;
  /** Wall clock; 0 for its first tenant: what it did before was nobody else's. */
  readonly fromMs: number;
  readonly tenant: string | null;
}

export interface DeclarationRegister {
  /** Appends a version. @throws ConflictError if this id and version exist with other content. */
  append(declaration: Declaration): Promise<void>;
  /** Every version of every declaration, oldest first. */
  list(): Promise<readonly Declaration[]>;
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

/** sent = stored + dead + dropped + inFlight. */
export type LossTotals = Omit<LossRow, 'node' | 'boot'>;

/** A frame both dead and stored (re-driven) counts as stored. */
export interface Custody {
  /** Adds runs; the union is kept, so that the same entries twice change nothing. */
  account(entries: readonly CustodyEntry[]): Promise<void>;
  /** All rows, by node and boot: for tools and tests. */
  balance(): Promise<readonly LossRow[]>;
  /** By node and boot. `losses`: only rows with frames dead or dropped. */
  page(query: CustodyQuery): Promise<Page<LossRow>>;
  /** Of all agents, and how many rows they are. */
  totals(): Promise<LossTotals & { readonly chains: number }>;
}

export interface CustodyQuery {
  readonly node?: string;
  readonly losses?: true;
  /** From a former page's `next`. */
  readonly after?: string;
  readonly limit: number;
}
