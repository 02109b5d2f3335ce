import type { AlertHead } from '#libs/casework/alert-life.ts';
import type { Act, Alert, AlertState, RecordedAct } from '#libs/model/alert.ts';
import type { Finding, Severity } from '#libs/model/finding.ts';
import type { Silence } from '#libs/model/silence.ts';

/** What a finding or an act did to its alert. */
export interface AlertChange {
  readonly alert: AlertHead;
  readonly change: 'opened' | 'grew' | 'acted' | 'resolved' | 'unchanged';
  /** Ids of the notices it wrote, oldest first. */
  readonly notices: readonly string[];
}

export interface AlertBook {
  /**
   * Takes in a finding in one transaction: stores its newest state, opens or extends the alert of its cause,
   * resolves it when its last finding has closed, and writes outbox rows for what people must be told.
   * The same finding again changes nothing. Severity `info` is stored and raises nothing.
   */
  take(finding: Finding): Promise<AlertChange | null>;
  /**
   * A person's act, or the system's, in one transaction with its notices and its entry in the history.
   * @throws NotFoundError for an unknown alert, ConflictError where its state does not allow the act.
   */
  act(alert: string, act: Act, by: string, atMs: number): Promise<AlertChange>;
  history(alert: string): Promise<readonly RecordedAct[]>;
  find(id: string): Promise<Alert | null>;
  /** Newest first. */
  page(query: AlertQuery): Promise<Page<AlertHead & { readonly nodeCount: number }>>;
  alerts(filter?: { readonly state?: AlertState }): Promise<readonly Alert[]>;
  findings(filter?: {
    readonly status?: Finding['status'];
    readonly alert?: string;
    readonly node?: string;
  }): Promise<readonly Finding[]>;
  /** Nodes of alerts that are not resolved. */
  concerned(): Promise<ReadonlySet<string>>;
}

export interface AlertQuery {
  readonly states?: readonly AlertState[];
  readonly severities?: readonly Severity[];
  readonly site?: string;
  /** Alerts of this tenant alone: also what a tenant may see. */
  readonly tenant?: string;
  readonly assignee?: string;
  /** From a former page's `next`. */
  readonly after?: string;
  readonly limit: number;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Null: there is no more. */
  readonly next: string | null;
}

export interface SilenceBook {
  add(silence: Silence): Promise<void>;
  /** Ends it early. @throws NotFoundError */
  end(id: string, by: string, atMs: number): Promise<void>;
  /** Those not over at `nowMs`, and the newest of those that are. */
  list(nowMs: number): Promise<readonly Silence[]>;
  /** Brings alerts into line with the silences of `nowMs`: silenced, or open again with a notice. */
  settle(nowMs: number): Promise<readonly AlertChange[]>;
}

/** Something people must be told. Its id is the idempotency key that every receiver sees. */
export interface Notice {
  readonly id: string;
  readonly alert: string;
  readonly event: 'opened' | 'resolved' | 'escalated';
  /** The body as it will be sent, JSON. */
  readonly body: string;
  readonly createdMs: number;
  /** Every channel has it, or nobody is to be sent it. */
  readonly deliveredMs: number | null;
}

/** One notice to one channel. */
export interface Delivery {
  readonly notice: string;
  /** Name of the channel: `webhook`, `mail`, `alertmanager`. */
  readonly channel: string;
  readonly attempts: number;
  readonly deliveredMs: number | null;
  readonly lastError: string | null;
}

export interface Outbox {
  /** Not delivered yet, oldest first. */
  pending(limit: number): Promise<readonly Notice[]>;
  find(id: string): Promise<Notice | null>;
  /** The oldest notice of an alert that this channel has not got: a receiver is told of its events in their order. */
  next(alert: string, channel: string): Promise<Notice | null>;
  /** Makes the deliveries of a notice; those that exist stay. No channel: the notice is closed with that reason. */
  address(notice: string, channels: readonly string[], atMs: number): Promise<void>;
  deliveries(filter: { readonly notice?: string; readonly failing?: true }): Promise<readonly Delivery[]>;
  /**
   * Counts an attempt; `error` null: the receiver acknowledged, and with the last channel the notice is delivered.
   * An attempt after delivery counts as a repeat.
   */
  attempted(notice: string, channel: string, atMs: number, error: string | null): Promise<void>;
  /** All notices: for tools and tests. */
  list(): Promise<readonly Notice[]>;
}

/** A channel as the alerter that runs it has last reported it: for the settings page. */
export interface Channel {
  readonly name: string;
  /** Where it leads, without secrets: a host, an address of mail. */
  readonly target: string;
  readonly reportedMs: number;
}

export interface ChannelRegister {
  report(channels: readonly Channel[]): Promise<void>;
  list(): Promise<readonly Channel[]>;
}
