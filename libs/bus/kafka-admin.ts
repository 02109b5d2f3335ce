import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';
import type { TopicSpec } from '#libs/model/topics.ts';
import { busError, createClient, type KafkaBusOptions } from './kafka-client.ts';
import type { PartitionOffsets } from './port.ts';

const HOUR_MS = 3_600_000;
const LEADER_POLL_MS = 100;
const LEADER_POLLS = 100;
const SETTLING_ATTEMPTS = 6;

/** Questions and orders about topics. Each opens its own connection: they are rare, and none can go stale. */
export class KafkaAdmin {
  readonly #options: KafkaBusOptions;

  constructor(options: KafkaBusOptions) {
    this.#options = options;
  }

  /** Creates the missing topics and waits until each of their partitions has a leader. */
  async ensure(topics: readonly TopicSpec[]): Promise<void> {
    await this.#ask('creating topics', async (admin) => {
      const existing = new Set(await admin.listTopics());
      const missing = topics.filter(({ name }) => !existing.has(this.#options.prefix + name));
      if (missing.length === 0) return;
      // False when another process was faster: the topics of both need their leaders before they can be used.
      await admin.createTopics({
        topics: missing.map((topic) => this.#config(topic)),
        waitForLeaders: false,
      });
      await waitForLeaders(
        admin,
        missing.map(({ name }) => this.#options.prefix + name),
      );
    });
  }

  offsets(topic: string, group?: string): Promise<PartitionOffsets[]> {
    return this.#ask(`asking for the offsets of ${topic}`, async (admin) => {
      const name = this.#options.prefix + topic;
      const bounds = await admin.fetchTopicOffsets(name);
      const groupId = group === undefined ? undefined : this.#options.prefix + group;
      const known = groupId === undefined ? [] : await admin.fetchOffsets({ groupId, topics: [name] });
      const committed = new Map(known[0]?.partitions.map((of) => [of.partition, Number(of.offset)]));
      return bounds
        .map(({ partition, low, high }) => {
          const offset = committed.get(partition) ?? -1;
          return { partition, low: Number(low), next: Number(high), committed: offset < 0 ? null : offset };
        })
        .sort((a, b) => a.partition - b.partition);
    });
  }

  #config({ name, compacted, partitions, retentionHours }: TopicSpec): ITopicConfig {
    const retentionMs = retentionHours === 0 ? -1 : retentionHours * HOUR_MS;
    return {
      topic: this.#options.prefix + name,
      numPartitions: partitions ?? this.#options.partitions,
      replicationFactor: -1,
      configEntries: [
        { name: 'cleanup.policy', value: compacted ? 'compact' : 'delete' },
        { name: 'retention.ms', value: String(retentionMs) },
        // The broker's clock is the receive time that device time is checked against.
        { name: 'message.timestamp.type', value: 'LogAppendTime' },
        ...(compacted ? [{ name: 'min.cleanable.dirty.ratio', value: '0.1' }] : []),
      ],
    };
  }

  async #ask<T>(doing: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = createClient(this.#options).admin();
    try {
      await admin.connect();
      return await whileSettling(() => question(admin));
    } catch (cause) {
      throw busError(cause, doing);
    } finally {
      await admin.disconnect();
    }
  }
}

/** A partition that is new, or whose leader changes, is refused for a moment, and kafkajs' admin gives up at once. */
async function whileSettling<T>(question: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await question();
    } catch (error) {
      const isPassing = error instanceof Error && 'retriable' in error && error.retriable === true;
      if (!isPassing || attempt === SETTLING_ATTEMPTS) throw error;
      await sleep(LEADER_POLL_MS * attempt);
    }
  }
}

async function waitForLeaders(admin: Admin, topics: string[]): Promise<void> {
  for (let polls = 0; polls < LEADER_POLLS; polls++) {
    const known = await admin.fetchTopicMetadata({ topics }).catch(() => undefined);
    const isLed = known?.topics.every(
      ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
    );
    if (isLed) return;
    await sleep(LEADER_POLL_MS);
  }
  throw new Error(`no leader after ${(LEADER_POLL_MS * LEADER_POLLS) / 1000} s for ${topics.join(', ')}`);
}
