import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { KafkaAdmin } from './kafka-admin.ts';
import type { KafkaBusOptions } from './kafka-client.ts';
import { KafkaMember } from './kafka-member.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { KafkaReplay } from './kafka-replay.ts';
import type { Bus, Consumption, Outgoing, PartitionOffsets, ReplayOptions, Subscription } from './port.ts';

/** The distributed bus: Kafka, by kafkajs. Connects when first used, and again whenever the brokers return. */
export function createKafkaBus(options: KafkaBusOptions): Bus {
  return new KafkaBus(options);
}

class KafkaBus implements Bus {
  readonly #options: KafkaBusOptions;
  readonly #admin: KafkaAdmin;
  readonly #publisher: KafkaPublisher;
  readonly #members = new Set<KafkaMember>();
  #closed = false;

  constructor(options: KafkaBusOptions) {
    this.#options = options;
    this.#admin = new KafkaAdmin(options);
    this.#publisher = new KafkaPublisher(options);
  }

  async ensure(topics: Parameters<Bus['ensure']>[0]): Promise<void> {
    this.#refuseClosed();
    await this.#admin.ensure(topics);
  }

  async publish(messages: readonly Outgoing[]): Promise<void> {
    this.#refuseClosed();
    await this.#publisher.publish(messages);
  }

  async subscribe(subscription: Subscription): Promise<Consumption> {
    this.#refuseClosed();
    const member = new KafkaMember(this.#options, subscription, (topic, group) =>
      this.#admin.offsets(topic, group),
    );
    this.#members.add(member);
    await member.join();
    return {
      stop: async () => {
        await member.stop();
        this.#members.delete(member);
      },
    };
  }

  async replay(
    topic: string,
    { partitions, from = {} }: ReplayOptions,
    deliver: Parameters<Bus['replay']>[2],
  ): Promise<void> {
    this.#refuseClosed();
    const bounds = await this.#admin.offsets(topic);
    const replay = new KafkaReplay(this.#options, topic);
    try {
      await replay.connect();
      for (const of of bounds) {
        if (partitions && !partitions.includes(of.partition)) continue;
        await replay.read(of, from[of.partition] ?? of.low, deliver);
      }
    } finally {
      await replay.close();
    }
  }

  async offsets(topic: string, group?: string): Promise<readonly PartitionOffsets[]> {
    this.#refuseClosed();
    return await this.#admin.offsets(topic, group);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#members].map((member) => member.stop()));
    await this.#publisher.close();
  }

  #refuseClosed(): void {
    if (this.#closed) throw new BusUnavailableError('the bus is closed: open another');
  }
}
