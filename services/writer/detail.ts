import type { Bus } from '#libs/bus/port.ts';
import { TOPICS } from '#libs/model/topics.ts';

const { name: TOPIC } = TOPICS.resolution;

/** The nodes on the compacted topic `resolution`, as of the last look. Its one partition belongs to nobody's group. */
export class DetailedNodes {
  readonly nodes = new Set<string>();
  readonly #bus: Pick<Bus, 'offsets' | 'replay'>;
  #next = 0;

  constructor(bus: Pick<Bus, 'offsets' | 'replay'>) {
    this.#bus = bus;
  }

  /** Reads what is new. @returns the nodes that came onto the topic since the last look. */
  async look(): Promise<ReadonlySet<string>> {
    const news = new Set<string>();
    const [end] = await this.#bus.offsets(TOPIC);
    if (!end || end.next <= this.#next) return news;
    const from = { 0: Math.max(this.#next, end.low) };
    await this.#bus.replay(TOPIC, { from }, async ({ records }) => {
      for (const { key, value, offset } of records) {
        const isOn = value.length > 0;
        if (isOn && !this.nodes.has(key)) news.add(key);
        if (isOn) this.nodes.add(key);
        else this.nodes.delete(key);
        this.#next = offset + 1;
      }
    });
    return news;
  }
}
