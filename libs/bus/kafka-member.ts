import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { copartitioned } from './kafka-assigner.ts';
import { backoffMs, busError, createClient, type KafkaBusOptions, RETRIES } from './kafka-client.ts';
import { KafkaDelivery } from './kafka-delivery.ts';
import { KafkaPartition } from './kafka-partition.ts';
import { deliveredFrom } from './kafka-record.ts';
import { FETCH_BYTES } from './kafka-replay.ts';
import { createCluster } from './kafkajs-cluster.ts';
import type { Consumption, PartitionOffsets, Subscription } from './port.ts';

const SESSION_MS = 15_000;
/** How long the others wait for a member that is in a batch when the group changes. */
const REBALANCE_MS = 60_000;
const FETCH_WAIT_MS = 500;
const FETCH_MAX_BYTES = 8 << 20;
/** Partitions whose batches may be in hand at once, for handlers that mostly wait for a store. */
const CONCURRENCY = 4;
const BEGIN_POLL_MS = 50;
type Offsets = (topic: string, group: string) => Promise<readonly PartitionOffsets[]>;
type Assignment = Readonly<Record<string, readonly number[]>>;

/**
 * One member of a consumer group, for as long as it is wanted: a kafkajs consumer that ends for whatever reason is
 * replaced by another, after at most five seconds.
 *
 * A partition that stays ours through a change of members goes on where it was. It is ours without a gap only while
 * the broker knows us by the same member id; otherwise every partition is revoked and begins anew.
 */
export class KafkaMember implements Consumption {
  readonly #options: KafkaBusOptions;
  readonly #subscription: Subscription;
  readonly #offsets: Offsets;
  readonly #heartbeatMs: number;
  readonly #partitions = new Map<string, KafkaPartition>();
  readonly #stopping = new AbortController();
  readonly #joined = Promise.withResolvers<void>();
  /** Revocations and beginnings, in the order in which the group decided them. */
  #changes: Promise<void> = Promise.resolve();
  #ended: Promise<void> = Promise.resolve();
  #endSession: () => void = () => undefined;
  #memberId = '';
  #failures = 0;

  constructor(options: KafkaBusOptions, subscription: Subscription, offsets: Offsets) {
    this.#options = options;
    this.#subscription = subscription;
    this.#offsets = offsets;
    this.#heartbeatMs = (options.sessionTimeoutMs ?? SESSION_MS) / 5;
  }

  /** Resolves when the first partitions have begun, or when stopped before. */
  join(): Promise<void> {
    this.#ended = this.#supervise();
    return this.#joined.promise;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#endSession();
    await this.#ended;
    this.#joined.resolve();
  }

  async #supervise(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const consumer = this.#consumer();
      try {
        await this.#session(consumer);
      } catch (error) {
        for (const partition of this.#partitions.values()) partition.stale = true;
        this.#subscription.failed?.(busError(error, `reading as group ${this.#subscription.group}`));
      }
      await this.#release();
      await consumer.disconnect().catch((error) => this.#subscription.failed?.(error));
      await this.#pause(backoffMs(this.#failures++));
    }
  }

  #consumer(): Consumer {
    return createClient(this.#options).consumer({
      groupId: this.#options.prefix + this.#subscription.group,
      sessionTimeout: this.#heartbeatMs * 5,
      heartbeatInterval: this.#heartbeatMs,
      rebalanceTimeout: REBALANCE_MS,
      maxBytesPerPartition: FETCH_BYTES,
      maxBytes: FETCH_MAX_BYTES,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      partitionAssigners: [copartitioned],
      // kafkajs restarts only after errors that it takes for transient; #supervise does after all of them.
      retry: { retries: RETRIES, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  /** Resolves when stopped, with the partitions still ours; rejects when the consumer has ended. */
  async #session(consumer: Consumer): Promise<void> {
    const ended = Promise.withResolvers<void>();
    consumer.on(consumer.events.CRASH, ({ payload }) => ended.reject(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
      this.#assign(consumer, payload.memberId, payload.memberAssignment),
    );
    // Observed below only after `run`, and a crash may come before.
    ended.promise.catch(() => undefined);
    this.#endSession = ended.resolve;
    await this.#leaveBehind();
    await consumer.connect();
    await consumer.subscribe({
      topics: this.#subscription.topics.map((topic) => this.#options.prefix + topic),
      // "latest" is our own: kafkajs would also skip to the end when retention has overtaken us.
      fromBeginning: true,
    });
    const delivery = new KafkaDelivery(consumer, this.#options.prefix, this.#subscription, this.#heartbeatMs);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENCY,
      eachBatch: (payload) => this.#batch(delivery, payload),
    });
    if (!this.#stopping.signal.aborted) await ended.promise;
  }

  /**
   * Ends the membership of the consumer before. A broker that returns remembers its members, and would make the
   * group wait until the silent one's session is over.
   */
  async #leaveBehind(): Promise<void> {
    if (this.#memberId === '') return;
    const cluster = createCluster(createClient(this.#options));
    const groupId = this.#options.prefix + this.#subscription.group;
    try {
      await cluster.connect();
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      await coordinator.leaveGroup({ groupId, memberId: this.#memberId });
    } catch (error) {
      if (!isForgotten(error)) throw error;
    } finally {
      await cluster.disconnect();
    }
    this.#memberId = '';
  }

  /** Called before anything of this generation is fetched. */
  #assign(consumer: Consumer, memberId: string, assignment: Assignment): void {
    const isSameMember = memberId === this.#memberId;
    this.#memberId = memberId;
    const names = new Set(
      Object.entries(assignment).flatMap(([name, numbers]) => numbers.map((n) => `${name}/${n}`)),
    );
    const lost: KafkaPartition[] = [];
    for (const [name, partition] of this.#partitions) {
      if (isSameMember && !partition.stale && names.delete(name)) {
        if (partition.begun) partition.seek(consumer, this.#options.prefix);
        continue;
      }
      partition.stale = true;
      this.#partitions.delete(name);
      lost.push(partition);
    }
    const gained = [...names].map((name) => this.#gain(name));
    this.#changes = this.#changes.then(() => this.#change(consumer, lost, gained));
  }

  #gain(name: string): KafkaPartition {
    const slash = name.lastIndexOf('/');
    const topic = name.slice(this.#options.prefix.length, slash);
    const partition = new KafkaPartition(this.#subscription, topic, Number(name.slice(slash + 1)));
    this.#partitions.set(name, partition);
    return partition;
  }

  async #change(consumer: Consumer, lost: KafkaPartition[], gained: KafkaPartition[]): Promise<void> {
    await Promise.all(lost.map((partition) => partition.revoke()));
    await Promise.all(gained.map((partition) => this.#begin(consumer, partition)));
    this.#failures = 0;
    this.#joined.resolve();
  }

  async #begin(consumer: Consumer, partition: KafkaPartition): Promise<void> {
    for (let failures = 0; !partition.stale && !this.#stopping.signal.aborted; failures++) {
      try {
        await partition.begin(await this.#start(consumer, partition));
        if (partition.stale) return;
        partition.seek(consumer, this.#options.prefix);
        consumer.resume([partition.where(this.#options.prefix)]);
        return;
      } catch (error) {
        this.#subscription.failed?.(error);
        await this.#pause(backoffMs(failures));
      }
    }
  }

  async #start(consumer: Consumer, { topic, partition }: KafkaPartition): Promise<number> {
    const { group, from } = this.#subscription;
    const known = (await this.#offsets(topic, group)).find((of) => of.partition === partition);
    if (!known) throw busError('not there', `reading ${topic}/${partition}`);
    if (known.committed !== null) return known.committed;
    if (from === 'earliest') return known.low;
    // Committed at once, or a restart before the first commit would skip what came in between.
    const at = { topic: this.#options.prefix + topic, partition, offset: String(known.next) };
    await consumer.commitOffsets([at]);
    return known.next;
  }

  async #batch(delivery: KafkaDelivery, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const partition = this.#partitions.get(`${batch.topic}/${batch.partition}`);
    if (!partition) return;
    for (; !partition.begun && !this.#isOver(partition); await payload.heartbeat())
      await sleep(BEGIN_POLL_MS);
    if (this.#isOver(partition) || payload.isStale()) return;
    const records = deliveredFrom(batch.messages, partition.position);
    if (records.length > 0) await delivery.deliver(payload, partition, records);
    if (!partition.stale && !payload.isStale()) payload.resolveOffset(batch.lastOffset());
  }

  #isOver({ stale }: KafkaPartition): boolean {
    return stale || this.#stopping.signal.aborted;
  }

  /** Lets the batches in hand finish, then gives every partition up; commits still count if we are a member. */
  async #release(): Promise<void> {
    await this.#changes;
    await Promise.all([...this.#partitions.values()].map((partition) => partition.revoke()));
    this.#partitions.clear();
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'UNKNOWN_MEMBER_ID';
}
