import { DEAD_LETTER_HEADERS } from '#libs/bus/dead-letter.ts';
import { headerText } from '#libs/bus/header-text.ts';
import type { Bus, Delivered } from '#libs/bus/port.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TOPICS } from '#libs/model/topics.ts';

export interface DeadLetter {
  readonly atMs: number;
  /** Where it came from. */
  readonly topic: string;
  readonly service: string;
  readonly reason: string;
  readonly node: string | null;
}

const { name: TOPIC } = TOPICS.dead;
const text = new TextDecoder();

/** The newest dead letters, without reading the topic from its beginning. */
export class DeadLetters {
  readonly #bus: Pick<Bus, 'offsets' | 'replay'>;
  readonly #kept: number;
  /** By partition: the next offset to look at. */
  readonly #next = new Map<number, number>();
  #letters: readonly DeadLetter[] = [];
  #looking: Promise<void> | null = null;

  /** @param kept how many are kept. */
  constructor(bus: Pick<Bus, 'offsets' | 'replay'>, kept: number) {
    this.#bus = bus;
    this.#kept = kept;
  }

  /** Newest first. Those who ask at once share one look. */
  async newest(): Promise<readonly DeadLetter[]> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
    return this.#letters;
  }

  async #look(): Promise<void> {
    const from: Record<number, number> = {};
    const ends = await this.#bus.offsets(TOPIC);
    for (const { partition, low, next } of ends) {
      const begin = Math.max(low, this.#next.get(partition) ?? 0, next - this.#kept);
      if (begin < next) from[partition] = begin;
    }
    const partitions = Object.keys(from).map(Number);
    if (partitions.length === 0) return;
    const found: DeadLetter[] = [];
    await this.#bus.replay(TOPIC, { partitions, from }, async ({ partition, records }) => {
      found.push(...records.map(letterOf));
      this.#next.set(partition, (records.at(-1)?.offset ?? 0) + 1);
    });
    this.#letters = [...found, ...this.#letters].sort((a, b) => b.atMs - a.atMs).slice(0, this.#kept);
  }
}

function letterOf(record: Delivered): DeadLetter {
  const [topic = ''] = headerText(record, DEAD_LETTER_HEADERS.origin).split('/');
  return {
    atMs: record.receivedMs,
    topic,
    service: headerText(record, DEAD_LETTER_HEADERS.service),
    reason: text.decode(record.headers[DEAD_LETTER_HEADERS.reason]),
    node: headerText(record, HEADERS.node) || record.key || null,
  };
}
