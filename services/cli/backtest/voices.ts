import { hash } from 'node:crypto';
import type { Batch, Delivered } from '#libs/bus/port.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { HEADERS } from '#libs/model/headers.ts';
import { TICK_MS, tickAt } from '#libs/model/tick.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { CLOSING_MS } from './source.ts';

/** A frame of which only the measured values were kept. */
export interface BareFrame {
  readonly node: string;
  readonly site: string;
  readonly endMs: number;
  readonly intervalMs: number;
  readonly samples: number;
  readonly entities: readonly EntityRow[];
}

interface Voice {
  readonly boot: string;
  sequence: number;
  previous: Uint8Array;
}

/**
 * Gives frames that were kept as values the form in which they went over the bus: numbered without gaps, chained,
 * unsigned, received at their own time. Ticks come where any node reports, so that a fleet that is silent as a whole, as
 * after an outage of the store, makes nobody blind.
 */
export class Voices {
  readonly #voices = new Map<string, Voice>();
  #tick = -1;

  /** The records of frames in the order of time, none older than before. */
  batch(frames: readonly BareFrame[]): Batch {
    const records: Delivered[] = [];
    for (const frame of frames) {
      const tick = Math.ceil(frame.endMs / TICK_MS) - 1;
      if (tick > this.#tick && this.#tick >= 0) records.push(tickRecord(this.#tick));
      this.#tick = tick;
      records.push(this.#record(frame));
    }
    return { topic: TOPICS.frames.name, partition: 0, records };
  }

  /** The ticks after the last frame. */
  end(): Batch {
    const ticks = this.#tick < 0 ? 0 : 1 + CLOSING_MS / TICK_MS;
    const records = Array.from({ length: ticks }, (_, more) => tickRecord(this.#tick + more));
    return { topic: TOPICS.frames.name, partition: 0, records };
  }

  #record({ node, ...frame }: BareFrame): Delivered {
    const voice = this.#voices.get(node) ?? newVoice(node);
    this.#voices.set(node, voice);
    const { boot, previous } = voice;
    const sequence = ++voice.sequence;
    const value = encodeFrame({
      ...frame,
      node,
      boot,
      sequence,
      previous,
      flows: [],
      groups: [],
      covers: [],
    });
    voice.previous = hash('sha256', value, 'buffer');
    return { key: node, value, headers: FRAME, offset: 0, receivedMs: frame.endMs };
  }
}

const FRAME = { [HEADERS.type]: Buffer.from('frame') };
const TICK = { [HEADERS.type]: Buffer.from('tick') };

function newVoice(node: string): Voice {
  return { boot: hash('sha256', node).slice(0, 32), sequence: 0, previous: new Uint8Array(32) };
}

/** @param place the tick is at the end of this run of `TICK_MS` */
function tickRecord(place: number): Delivered {
  const tick = tickAt((place + 1) * TICK_MS);
  return {
    key: 'tick',
    value: Buffer.from(JSON.stringify(tick)),
    headers: TICK,
    offset: 0,
    receivedMs: tick.timeMs,
  };
}
