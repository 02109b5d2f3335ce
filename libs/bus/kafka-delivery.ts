import type { Consumer, EachBatchPayload } from 'kafkajs';
import { backoffMs, busError } from './kafka-client.ts';
import type { KafkaPartition } from './kafka-partition.ts';
import type { BatchControl, Delivered, Subscription } from './port.ts';

/** What a broker answers to a heartbeat of a member that has to join again. */
const REJOIN = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
];

/** Hands batches over, keeps the membership alive meanwhile, and commits, for one kafkajs consumer. */
export class KafkaDelivery {
  readonly #consumer: Consumer;
  readonly #prefix: string;
  readonly #subscription: Subscription;
  readonly #heartbeatMs: number;

  constructor(consumer: Consumer, prefix: string, subscription: Subscription, heartbeatMs: number) {
    this.#consumer = consumer;
    this.#prefix = prefix;
    this.#subscription = subscription;
    this.#heartbeatMs = heartbeatMs;
  }

  /**
   * Moves the position on if the handler took the batch while the partition was ours; back to the last commit if it
   * rejected. Rejects only with what makes kafkajs join again.
   */
  async deliver(
    payload: EachBatchPayload,
    partition: KafkaPartition,
    records: readonly Delivered[],
  ): Promise<void> {
    const membership = this.#membership(payload, partition);
    const { promise, resolve } = Promise.withResolvers<void>();
    partition.inHand = promise;
    try {
      const batch = { topic: partition.topic, partition: partition.partition, records };
      await this.#subscription.deliver(batch, this.#control(partition, membership.heartbeat));
      partition.failures = 0;
      if (!partition.stale) partition.position = (records.at(-1)?.offset ?? 0) + 1;
    } catch (error) {
      this.#subscription.failed?.(error);
      if (!partition.stale) this.#retry(partition);
    } finally {
      membership.end();
      partition.inHand = undefined;
      resolve();
    }
    if (membership.lost) throw membership.lost;
  }

  /** Heartbeats while a batch is in hand, whether the handler asks for them or not. */
  #membership(payload: EachBatchPayload, partition: KafkaPartition) {
    const membership = {
      lost: undefined as unknown,
      heartbeat: async () => {
        try {
          await payload.heartbeat();
        } catch (error) {
          // Other failures pass: if the membership went with them, a later heartbeat says so.
          if (!isRejoin(error)) return;
          partition.stale = true;
          membership.lost = error;
        }
      },
      end: () => clearInterval(timer),
    };
    const timer = setInterval(() => void membership.heartbeat(), this.#heartbeatMs);
    return membership;
  }

  #control(partition: KafkaPartition, heartbeat: BatchControl['heartbeat']): BatchControl {
    return {
      commit: (nextOffset) => this.#commit(partition, nextOffset),
      heartbeat,
      get stale() {
        return partition.stale;
      },
    };
  }

  async #commit(of: KafkaPartition, nextOffset: number): Promise<void> {
    if (of.stale) return;
    const { topic, partition } = of;
    try {
      const at = { topic: this.#prefix + topic, partition, offset: String(nextOffset) };
      await this.#consumer.commitOffsets([at]);
    } catch (cause) {
      throw busError(cause, `committing ${topic}/${partition} at ${nextOffset}`);
    }
    of.resumeAt = nextOffset;
  }

  /** Reads from the last commit again, after a while in which the other partitions go on. */
  #retry(partition: KafkaPartition): void {
    const where = partition.where(this.#prefix);
    this.#consumer.pause([where]);
    partition.position = partition.resumeAt;
    partition.seek(this.#consumer, this.#prefix);
    setTimeout(
      () => {
        try {
          if (!partition.stale) this.#consumer.resume([where]);
        } catch (error) {
          // The consumer has just ended: its successor begins the partition anew.
          this.#subscription.failed?.(error);
        }
      },
      backoffMs(partition.failures++),
    ).unref();
  }
}

function isRejoin(error: unknown): boolean {
  return error instanceof Error && 'type' in error && REJOIN.includes(String(error.type));
}
