import type { Bus, Outgoing } from '#libs/bus/port.ts';
import { TOPICS } from '#libs/model/topics.ts';

const TOPIC = TOPICS.resolution.name;
const OPEN = new TextEncoder().encode('1');
const NONE = new Uint8Array(0);

/**
 * Keeps the topic `resolution` equal to the nodes that an alert concerns: `1` for each of them, empty for one that
 * no alert concerns any more. It reads what is there before it writes, so that a restart, or another alerter,
 * leaves no node behind.
 */
export class ResolutionBoard {
  readonly #bus: Bus;
  readonly #published = new Set<string>();
  #nextOffset: number | null = null;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Reads what has been written since the last call, by whomever. */
  async refresh(): Promise<void> {
    const from = this.#nextOffset === null ? {} : { from: { 0: this.#nextOffset } };
    await this.#bus.replay(TOPIC, { partitions: [0], ...from }, async ({ records }) => {
      for (const { key, value, offset } of records) {
        this.#note(key, value.length > 0);
        this.#nextOffset = offset + 1;
      }
    });
  }

  /** Publishes where the topic differs from `concerned`. */
  async match(concerned: ReadonlySet<string>): Promise<void> {
    const added = [...concerned]
      .filter((node) => !this.#published.has(node))
      .map((key) => message(key, OPEN));
    const removed = [...this.#published]
      .filter((node) => !concerned.has(node))
      .map((key) => message(key, NONE));
    await this.#bus.publish([...added, ...removed]);
    for (const { key, value } of [...added, ...removed]) this.#note(key, value.length > 0);
  }

  #note(node: string, isOpen: boolean): void {
    if (isOpen) this.#published.add(node);
    else this.#published.delete(node);
  }
}

const message = (key: string, value: Uint8Array): Outgoing => ({
  topic: TOPIC,
  key,
  value,
  headers: { type: 'resolution' },
});
