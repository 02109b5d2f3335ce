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
  /** In the order that is asked for. */
  page(query: AlertQuery): Promise<Page<AlertRow>>;
  /** For a digest, by wall clock: what opened and what was resolved in the period, and what goes on now. */
  between(fromMs: number, toMs: number): Promise<Activity>;
  /** Alerts that wait for a person: open, and neither acknowledged nor escalated; all, or this one. */
  unattended(alert?: string): Promise<readonly Unattended[]>;
  /** Alerts to be looked at that nothing has happened to since `beforeMs` (wall clock); silenced ones are left alone. */
  idle(beforeMs: number): Promise<readonly string[]>;
  alerts(filter?: { readonly state?: AlertState }): Promise<readonly Alert[]>;
  /** Oldest first; with `newest`, that many of them: the open ones first, then the newest. */
  findings(filter?: {
    readonly status?: Finding['status'];
    readonly alert?: string;
    readonly node?: string;
    readonly newest?: number;
  }): Promise<readonly Finding[]>;
  /** Nodes of alerts that are not resolved. */
  concerned(): Promise<ReadonlySet<string>>;
}

/** An alert as a list shows it. */
export type AlertRow = AlertHead & { readonly nodeCount: number };

/** Newest first. */
export interface Activity {
  readonly opened: readonly AlertRow[];
  readonly resolved: readonly AlertRow[];
  readonly open: readonly AlertRow[];
}

export interface Unattended {
  readonly id: string;
  readonly severity: Severity;
  /** How often the alert has opened, and when it did so last (wall clock). */
  readonly episode: number;
  readonly raisedMs: number;
}

export interface AlertQuery {
  readonly states?: readonly AlertState[];
  readonly severities?: readonly Severity[];
  readonly site?: string;
  /** Alerts of this tenant alone: also what a tenant may see. */
  readonly tenant?: string;
  readonly assignee?: string;
  /** `severity`: the gravest first, and of those the newest. Default `newest`. */
  readonly order?: 'severity' | 'newest';
  /** From a former page's `next`, in the same order. */
  readonly after?: string;
  readonly limit: number;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Null: there is no more. */
  readonly next: string | null;
}

/** What was added or ended covers and uncovers alerts with the next `settle`. */
export interface SilenceBook {
  /** The same again changes nothing. @throws ConflictError where the id is taken by another. */
  add(silence: Silence): Promise<void>;
  /** Ends it early; one that is over stays as it is. @throws NotFoundError */
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

/** The body of a notice: what every receiver is told, as JSON. Findings and nodes of the alert: the first 100. */
export interface NoticeBody {
  readonly event: Notice['event'];
  /** What every notice says of itself. */
  readonly note: string;
  /** The site holds no real machines. */
  readonly simulated: boolean;
  readonly alert: Alert;
  readonly counts: { readonly findings: number; readonly nodes: number };
  /** Who caused the event and why, where it was an act; `davylamp`: the product itself. */
  readonly act: { readonly by: string; readonly kind: Act['kind']; readonly reason: string } | null;
  /** The finding that caused the event, else the alert's newest, in full. */
  readonly findings: readonly Finding[];
}

/** One notice to one channel. */
export interface Delivery {
  readonly notice: string;
  readonly alert: string;
  readonly event: Notice['event'];
  /** Of the notice. */
  readonly createdMs: number;
  /** Name of the channel: `webhook`, `mail`, `alertmanager`. */
  readonly channel: string;
  readonly attempts: number;
  readonly deliveredMs: number | null;
  readonly lastError: string | null;
}

export interface DeliveryFilter {
  readonly notice?: string;
  readonly alert?: string;
  readonly channel?: string;
  /** Not delivered yet. */
  readonly waiting?: true;
  /** Not delivered yet, and the first such one of its alert for its channel: the others follow it. */
  readonly first?: true;
  /** Not delivered yet, and tried in vain. */
  readonly failing?: true;
  readonly limit?: number;
}

export interface Outbox {
  /** Not delivered yet, oldest first. */
  pending(limit: number): Promise<readonly Notice[]>;
  /** Those of them that have not been addressed to anybody. */
  unaddressed(limit: number): Promise<readonly Notice[]>;
  find(id: string): Promise<Notice | null>;
  /**
   * The oldest notice of an alert that this channel has not got, or that nobody is addressed with yet: a receiver is
   * told of an alert's events in their order.
   */
  next(alert: string, channel: string): Promise<Notice | null>;
  /**
   * Makes the deliveries of a notice; those that exist stay. No channel: the notice is closed, and opens again when it
   * is addressed to one later.
   */
  address(notice: string, channels: readonly string[], atMs: number): Promise<void>;
  /** Gives up what waits for channels other than these; `reason` shows as its last error. */
  withdraw(kept: readonly string[], atMs: number, reason: string): Promise<void>;
  /** Oldest first. */
  deliveries(filter: DeliveryFilter): Promise<readonly Delivery[]>;
  /** How many are not delivered yet, by channel; channels without any are left out. */
  waiting(): Promise<ReadonlyMap<string, number>>;
  /**
   * The latest `opened` notice of every alert that goes on, not being silenced, and that `channel` has got; of all
   * alerts, or of this one.
   */
  standing(channel: string, alert?: string): Promise<readonly Notice[]>;
  /** The same of alerts of these severities where nobody has been addressed. */
  untold(severities: readonly Severity[]): Promise<readonly Notice[]>;
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
  /** Those reported before and not now are forgotten. */
  report(channels: readonly Channel[]): Promise<void>;
  list(): Promise<readonly Channel[]>;
  /** Until when a channel has got digests; null: it is not registered. At first the time it was reported. */
  digestedMs(channel: string): Promise<number | null>;
  digested(channel: string, untilMs: number): Promise<void>;
}
