import type { Kafka, Message, Producer, TopicMessages } from 'kafkajs';
import { BusUnavailableError } from '#libs/runtime/errors.ts';
import { busError, compressionOf, createClient, type KafkaBusOptions, RETRIES } from './kafka-client.ts';
import { MAX_MESSAGE_BYTES, messageBytes, refuseTooLarge } from './limits.ts';
import { partitionOf } from './partition.ts';
import type { Outgoing } from './port.ts';

/** Messages of one request: kafkajs groups them by partition in quadratic time, and 500–2,000 are its best. */
const SEND_MESSAGES = 2_000;
/** The broker's patience with its replicas; shorter than ours with the broker. */
const ACK_TIMEOUT_MS = 6_000;

interface Entry {
  readonly messages: readonly Outgoing[];
  /** Messages handed to a request so far. */
  taken: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends one request after the other; calls that come meanwhile share the next one. So order is kept, and requests
 * grow with the load.
 *
 * The producer is idempotent: what kafkajs itself sends again is written once. After a failure the fate of the
 * request is unknown and its sequence numbers cannot be used again, so the next call gets a new producer.
 */
export class KafkaPublisher {
  readonly #options: KafkaBusOptions;
  readonly #client: Kafka;
  #producer: Promise<Producer> | undefined;
  #queue: Entry[] = [];
  #sending: Promise<void> | undefined;

  constructor(options: KafkaBusOptions) {
    this.#options = options;
    this.#client = createClient(options);
  }

  publish(messages: readonly Outgoing[]): Promise<void> {
    refuseTooLarge(messages);
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#queue.push({ messages, taken: 0, resolve, reject });
      this.#sending ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    await this.#sending;
    await this.#dismiss();
  }

  async #drain(): Promise<void> {
    // Calls made in the same turn travel together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const { messages, entries } = this.#take();
      try {
        await this.#send(messages);
        for (const entry of entries) if (entry.taken === entry.messages.length) entry.resolve();
      } catch (error) {
        this.#refuse(entries, busError(error, `publishing to ${this.#options.brokers.join(', ')}`));
        await this.#dismiss();
      }
    }
    this.#sending = undefined;
  }

  /** The next request, and the calls it serves. Leaves what does not fit. */
  #take(): { messages: Outgoing[]; entries: Entry[] } {
    const messages: Outgoing[] = [];
    const entries: Entry[] = [];
    let bytes = 0;
    for (let entry = this.#queue[0]; entry; entry = this.#queue[0]) {
      entries.push(entry);
      for (; entry.taken < entry.messages.length; entry.taken++) {
        const message = entry.messages[entry.taken] as Outgoing;
        bytes += messageBytes(message);
        const isFull = messages.length === SEND_MESSAGES || bytes > MAX_MESSAGE_BYTES;
        if (isFull && messages.length > 0) return { messages, entries };
        messages.push(message);
      }
      this.#queue.shift();
    }
    return { messages, entries };
  }

  /** When the broker is away, those who wait behind fail too: each would wait as long, and pass the ones before. */
  #refuse(entries: readonly Entry[], error: unknown): void {
    const behind = error instanceof BusUnavailableError ? this.#queue : [];
    this.#queue = this.#queue.filter((entry) => !entries.includes(entry) && !behind.includes(entry));
    for (const entry of new Set([...entries, ...behind])) entry.reject(error);
  }

  async #send(messages: readonly Outgoing[]): Promise<void> {
    this.#producer ??= this.#connect();
    const producer = await this.#producer;
    await producer.sendBatch({
      acks: -1,
      timeout: ACK_TIMEOUT_MS,
      compression: compressionOf(this.#options),
      topicMessages: byTopic(messages, this.#options.prefix),
    });
  }

  async #connect(): Promise<Producer> {
    const producer = this.#client.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      retry: { retries: RETRIES },
      createPartitioner:
        () =>
        ({ message, partitionMetadata }) =>
          message.partition ?? partitionOf(String(message.key), partitionMetadata.length),
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect();
      throw error;
    }
    return producer;
  }

  async #dismiss(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.then(
      (connected) => connected.disconnect(),
      () => undefined,
    );
  }
}

function byTopic(messages: readonly Outgoing[], prefix: string): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, key, value, headers, partition } of messages) {
    const message: Message = { key, value: Buffer.from(value.buffer, value.byteOffset, value.length) };
    if (headers) message.headers = headers;
    if (partition !== undefined) message.partition = partition;
    const of = topics.get(topic);
    if (of) of.push(message);
    else topics.set(topic, [message]);
  }
  return [...topics].map(([topic, of]) => ({ topic: prefix + topic, messages: of }));
}
