import type { Consumer } from 'kafkajs';
import type { Subscription } from './port.ts';

/**
 * A partition while it is ours.
 *
 * beginning (`assigned`, then the position) → reading ⇄ failing, until it is lost or a batch was cut short: stale.
 * `revoked` follows, and if the partition comes back it begins anew.
 */
export class KafkaPartition {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to deliver: none below is ever delivered. */
  position = 0;
  /** Where reading resumes after a failure: the last commit, or where it began. */
  resumeAt = 0;
  /** Rejected batches in a row. */
  failures = 0;
  begun = false;
  /** Final. */
  stale = false;
  /** The batch that is being delivered; never rejects. */
  inHand: Promise<void> | undefined;
  readonly #subscription: Subscription;

  constructor(subscription: Subscription, topic: string, partition: number) {
    this.#subscription = subscription;
    this.topic = topic;
    this.partition = partition;
  }

  /** Asks the consumer, given where the group would begin. */
  async begin(start: number): Promise<void> {
    const override = await this.#subscription.assigned?.(this.topic, this.partition);
    this.position = override ?? start;
    this.resumeAt = this.position;
    this.begun = true;
  }

  /** As kafkajs names it. */
  where(prefix: string): { topic: string; partitions: number[] } {
    return { topic: prefix + this.topic, partitions: [this.partition] };
  }

  /** What is fetched next begins at the position. */
  seek(consumer: Consumer, prefix: string): void {
    const offset = String(this.position);
    consumer.seek({ topic: prefix + this.topic, partition: this.partition, offset });
  }

  /** After the batch in hand. Never rejects. */
  async revoke(): Promise<void> {
    await this.inHand;
    try {
      if (this.begun) await this.#subscription.revoked?.(this.topic, this.partition);
    } catch (error) {
      this.#subscription.failed?.(error);
    }
    this.stale = true;
  }
}
