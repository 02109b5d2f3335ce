import { busError, createClient, type KafkaBusOptions } from './kafka-client.ts';
import { deliveredFrom } from './kafka-record.ts';
import { type Cluster, createCluster, type FetchedMessage } from './kafkajs-cluster.ts';
import type { Batch, PartitionOffsets } from './port.ts';

/**
 * Above the largest batch a broker takes, so that an answer always holds the next whole batch, even behind one that
 * compaction has emptied.
 */
export const FETCH_BYTES = 2 << 20;
const FETCH_WAIT_MS = 100;
/** An answer without records before the end: a new leader that does not know the end yet. */
const EMPTY_ANSWERS = 20;

/** Reads the partitions one after the other up to their present end, with one connection and no group. */
export class KafkaReplay {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #name: string;

  constructor(options: KafkaBusOptions, topic: string) {
    this.#cluster = createCluster(createClient(options));
    this.#topic = topic;
    this.#name = options.prefix + topic;
  }

  async connect(): Promise<void> {
    try {
      await this.#cluster.connect();
      await this.#cluster.addTargetTopic(this.#name);
      await this.#cluster.refreshMetadata();
    } catch (cause) {
      throw busError(cause, `reading ${this.#topic}`);
    }
  }

  async read(
    { partition, low, next }: PartitionOffsets,
    from: number,
    deliver: (batch: Batch) => Promise<void>,
  ): Promise<void> {
    let offset = Math.max(from, low);
    for (let empty = 0; offset < next && empty < EMPTY_ANSWERS; ) {
      const fetched = await this.#fetch(partition, offset);
      const records = deliveredFrom(
        fetched.filter((message) => !message.isControlRecord && Number(message.offset) < next),
        offset,
      );
      if (records.length > 0) await deliver({ topic: this.#topic, partition, records });
      const last = fetched.at(-1);
      empty = last ? 0 : empty + 1;
      if (last) offset = Number(last.offset) + 1;
    }
  }

  close(): Promise<void> {
    return this.#cluster.disconnect();
  }

  async #fetch(partition: number, offset: number): Promise<FetchedMessage[]> {
    try {
      const [nodeId = '-1'] = Object.keys(this.#cluster.findLeaderForPartitions(this.#name, [partition]));
      const broker = await this.#cluster.findBroker({ nodeId });
      const { responses } = await broker.fetch({
        maxWaitTime: FETCH_WAIT_MS,
        minBytes: 1,
        maxBytes: FETCH_BYTES,
        isolationLevel: 1,
        rackId: '',
        topics: [
          {
            topic: this.#name,
            partitions: [{ partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }],
          },
        ],
      });
      return responses[0]?.partitions[0]?.messages ?? [];
    } catch (cause) {
      throw busError(cause, `reading ${this.#topic}/${partition} at ${offset}`);
    }
  }
}
