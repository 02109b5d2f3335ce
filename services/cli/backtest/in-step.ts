import { headerText } from '#libs/bus/header-text.ts';
import type { Batch, Delivered } from '#libs/bus/port.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { MalformedFrameError } from '#libs/model/malformed.ts';
import type { Tick } from '#libs/model/tick.ts';
import { readReading, readTick } from '#services/detector/messages.ts';
import { CLOSING_MS, type Range } from './source.ts';

/** One partition, read a batch at a time up to its next tick. */
export class StreamCursor {
  readonly topic: string;
  readonly partition: number;
  /** Highest index of the ticks read, −1 before the first. */
  tick = -1;
  readonly #source: AsyncGenerator<Batch>;
  readonly #range: Range;
  readonly #step: (by: number) => void;
  readonly #decoder = new FrameDecoder();
  #held: readonly Delivered[] = [];
  #at = 0;

  constructor(
    topic: string,
    partition: number,
    source: AsyncGenerator<Batch>,
    range: Range,
    step: (by: number) => void,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.#source = source;
    this.#range = range;
    this.#step = step;
  }

  /** Records within the range, up to and with the next tick or the end of what is held; null: there are no more. */
  async next(): Promise<readonly Delivered[] | null> {
    if (this.#at === this.#held.length) {
      const { value, done } = await this.#source.next();
      if (done) return null;
      this.#held = value.records;
      this.#at = 0;
      this.#step(value.records.length);
    }
    const records: Delivered[] = [];
    for (let isOver = false; !isOver && this.#at < this.#held.length; ) {
      const record = this.#held[this.#at++] as Delivered;
      const tick = headerText(record, HEADERS.type) === 'tick' ? readTick(record) : null;
      if (tick === null ? this.#isWithin(record) : this.#isHeard(tick)) records.push(record);
      if (tick !== null) isOver = await this.#advance(tick);
    }
    return records;
  }

  /** @returns whether it is another partition's turn */
  async #advance(tick: Tick): Promise<boolean> {
    if (tick.timeMs > this.#range.toMs + CLOSING_MS) await this.close();
    if (tick.index <= this.tick) return false;
    this.tick = tick.index;
    return true;
  }

  #isHeard({ timeMs }: Tick): boolean {
    return timeMs > this.#range.fromMs && timeMs <= this.#range.toMs + CLOSING_MS;
  }

  async close(): Promise<void> {
    this.#at = this.#held.length;
    await this.#source.return(undefined);
  }

  #isWithin(record: Delivered): boolean {
    const { fromMs, toMs } = this.#range;
    if (fromMs === Number.NEGATIVE_INFINITY && toMs === Number.POSITIVE_INFINITY) return true;
    const timeMs = this.#timeOf(record);
    return timeMs > fromMs && timeMs <= toMs;
  }

  /** Event time; of what cannot be read the time at which the bus took it. */
  #timeOf(record: Delivered): number {
    if (headerText(record, HEADERS.type) === 'reading')
      return readReading(record)?.endMs ?? record.receivedMs;
    try {
      return this.#decoder.decode(record.value).endMs;
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      return record.receivedMs;
    }
  }
}

/**
 * Partitions one tick after another, as the detector meets them while it keeps up: always the one whose ticks are
 * oldest, of equals the first in the list. The same records come out in the same order, whatever the batches.
 */
export async function* inStep(cursors: readonly StreamCursor[]): AsyncGenerator<Batch> {
  const left = [...cursors];
  try {
    while (left.length > 0) {
      let place = 0;
      for (let i = 1; i < left.length; i++)
        if ((left[i] as StreamCursor).tick < (left[place] as StreamCursor).tick) place = i;
      const cursor = left[place] as StreamCursor;
      const { topic, partition } = cursor;
      const records = await cursor.next();
      if (records === null) left.splice(place, 1);
      else if (records.length > 0) yield { topic, partition, records };
    }
  } finally {
    for (const cursor of left) await cursor.close();
  }
}
