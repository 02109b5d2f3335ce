import type { TopicSpec } from '#libs/model/topics.ts';

/**
 * The bus: partitioned, durable, ordered per key, at least once.
 *
 * Left out on purpose: transactions, client types, offsets before their cause is durable (there is no
 * auto-commit), and any retry of a poisoned message: a consumer that cannot read a record dead-letters it itself.
 */
export interface Bus {
  /** Creates the topics that do not exist yet, and leaves the others as they are. */
  ensure(topics: readonly TopicSpec[]): Promise<void>;

  /**
   * Resolves when every message is durable (acknowledged by all in-sync replicas, or in the log file).
   * Order per key within and between calls is kept. Rejects with `BusUnavailableError` (retryable) or
   * `MessageTooLargeError`; on rejection some may have been written: publishing again may write twice.
   */
  publish(messages: readonly Outgoing[]): Promise<void>;

  /** Joins a consumer group. Resolves once joined; the first batch may come before that. */
  subscribe(subscription: Subscription): Promise<Consumption>;

  /**
   * Reads what is in a topic now, from the given offsets (default: the lowest), to the end, without a group.
   * For compacted topics and for tools.
   */
  replay(topic: string, options: ReplayOptions, deliver: (batch: Batch) => Promise<void>): Promise<void>;

  /** Per partition: lowest offset kept, next offset to be written, and the group's next offset if one is named. */
  offsets(topic: string, group?: string): Promise<readonly PartitionOffsets[]>;

  /** Waits for what is under way, then disconnects. */
  close(): Promise<void>;
}

export interface Outgoing {
  readonly topic: string;
  /** Same key, same partition, in order. */
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Overrides the key's partition. Only ticks need it. */
  readonly partition?: number;
}

export interface Delivered {
  readonly key: string;
  readonly value: Uint8Array;
  /** Raw bytes: a reader decodes only what it needs. */
  readonly headers: Readonly<Record<string, Uint8Array>>;
  readonly offset: number;
  /** When the bus took it, Unix ms: the receive time that device time is checked against. */
  readonly receivedMs: number;
}

/** Records of one partition in offset order. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly Delivered[];
}

export interface Subscription {
  readonly group: string;
  readonly topics: readonly string[];
  /** Where a group without a committed offset begins. */
  readonly from: 'earliest' | 'latest';
  /**
   * Called when a partition becomes ours, before its first batch. An offset returned overrides the committed one:
   * a consumer that keeps its state with the next offset resumes from there.
   */
  readonly assigned?: (topic: string, partition: number) => Promise<number | undefined>;
  /** Called when a partition stops being ours, after its last batch. */
  readonly revoked?: (topic: string, partition: number) => Promise<void>;
  /**
   * Called with one batch of a partition at a time. The next batch waits: this is the backpressure.
   * If it rejects, the batch comes again from the last committed offset of this partition, after a backoff.
   */
  readonly deliver: (batch: Batch, control: BatchControl) => Promise<void>;
  /** Told of every failure that the subscription survives. */
  readonly failed?: (error: unknown) => void;
}

export interface BatchControl {
  /** Commits the partition's next offset. Call it after what the records caused is durable; it need not be every batch. */
  commit(nextOffset: number): Promise<void>;
  /** Keeps the membership alive; call it at least every few seconds in a long batch. Cheap. */
  heartbeat(): Promise<void>;
  /** The partition is no longer ours: stop, and commit nothing. */
  readonly stale: boolean;
}

export interface Consumption {
  /** Lets the current batch finish, then leaves the group. */
  stop(): Promise<void>;
}

export interface ReplayOptions {
  readonly partitions?: readonly number[];
  readonly from?: Readonly<Record<number, number>>;
}

export interface PartitionOffsets {
  readonly partition: number;
  readonly low: number;
  readonly next: number;
  /** null: the group has committed nothing, or no group was named. */
  readonly committed: number | null;
}
