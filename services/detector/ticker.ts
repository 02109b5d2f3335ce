import type { Bus } from '#libs/bus/port.ts';
import { TICK_MS, tickAt } from '#libs/model/tick.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { Surroundings } from '#libs/runtime/app.ts';

/** Looks at the clock so many times a tick: an index is passed over only when the process stood still. */
const LOOKS_PER_TICK = 10;
const TICKED = [TOPICS.frames.name, TOPICS.readings.name];

export interface TickerOptions {
  readonly bus: Bus;
  /** Real ms between ticks; they are `TICK_MS` of the clock apart. */
  readonly tickMs: number;
  readonly clock: () => number;
  readonly surroundings: Surroundings;
}

/** Event time that begins now and runs `TICK_MS / tickMs` times as fast as the machine's clock. */
export function eventClock(tickMs: number): () => number {
  const beganMs = Date.now();
  return () => beganMs + ((Date.now() - beganMs) * TICK_MS) / tickMs;
}

/**
 * Writes a tick to every partition of `frames` and `readings`: the streams' own clock.
 *
 * One tick is under way at a time, and one that the bus does not take is dropped: ticks missed while the bus was
 * away are never made up, so that its absence is nobody's silence. Several tickers may run; an index counts once.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #timer: NodeJS.Timeout | null = null;
  #underway: Promise<void> | null = null;
  #newest = -1;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), Math.max(1, this.#options.tickMs / LOOKS_PER_TICK));
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#underway;
  }

  #look(): void {
    const tick = tickAt(this.#options.clock());
    if (this.#underway !== null || tick.index <= this.#newest) return;
    this.#newest = tick.index;
    this.#underway = this.#write(Buffer.from(JSON.stringify(tick))).finally(() => {
      this.#underway = null;
    });
  }

  async #write(value: Uint8Array): Promise<void> {
    const { bus, surroundings } = this.#options;
    try {
      const counts = await Promise.all(TICKED.map((topic) => bus.offsets(topic)));
      await bus.publish(
        counts.flatMap((partitions, i) =>
          partitions.map(({ partition }) => ({
            topic: TICKED[i] ?? '',
            key: 'tick',
            value,
            partition,
            headers: { type: 'tick' },
          })),
        ),
      );
      surroundings.counters.add('detector_ticks', {});
    } catch (err) {
      surroundings.counters.add('detector_ticks_dropped', {});
      surroundings.log.warn({ err }, 'a tick could not be written; it is not made up');
    }
  }
}
