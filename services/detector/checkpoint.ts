import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Bus, Delivered, Outgoing } from '#libs/bus/port.ts';
import { TOPICS } from '#libs/model/topics.ts';

/** Raised when the layout of a state changes: older checkpoints are then not read. */
const FORMAT = 4;
const PART_BYTES = 512 * 1024;
/** Parts in one publish: what is copied at a time. */
const PARTS_AT_ONCE = 8;
const TOPIC = TOPICS.checkpoints.name;

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  generation: z.number().int(),
  parts: z.number().int(),
  digest: z.string(),
  next: z.record(z.string(), z.number().int()),
});

export interface Checkpoint {
  readonly generation: number;
  /** Per topic, the offset of the first record that is not in the state. */
  readonly next: Readonly<Record<string, number>>;
  readonly state: Uint8Array;
}

/**
 * The checkpoints of one partition of one stage, on the compacted topic `checkpoints`.
 *
 * Two slots are written in turn, part by part and the manifest last. A torn checkpoint has no manifest of its
 * generation, or parts that do not have its digest; the other slot then still holds the one before.
 */
export class CheckpointStore {
  readonly #bus: Bus;
  readonly #prefix: string;
  readonly #partition: number;

  /** @param partitions number of partitions of the topic `checkpoints` */
  constructor(bus: Bus, stage: string, partition: number, partitions: number) {
    this.#bus = bus;
    this.#prefix = `${stage}/${partition}/`;
    this.#partition = partition % partitions;
  }

  /** Resolves when the whole checkpoint is durable. @param segments the state, in pieces; read before the first await */
  async write(generation: number, next: Checkpoint['next'], segments: readonly Uint8Array[]): Promise<void> {
    const parts = split(segments);
    const digest = createHash('sha256');
    for (const part of parts) digest.update(part);
    const slot = `${this.#prefix}${generation % 2}/`;
    for (let from = 0; from < parts.length; from += PARTS_AT_ONCE) {
      const some = parts.slice(from, from + PARTS_AT_ONCE);
      await this.#bus.publish(some.map((part, i) => this.#message(`${slot}${from + i}`, part)));
    }
    const manifest = { format: FORMAT, generation, parts: parts.length, digest: digest.digest('hex'), next };
    await this.#bus.publish([this.#message(`${slot}manifest`, Buffer.from(JSON.stringify(manifest)))]);
  }

  /** The newest complete checkpoint, or null. */
  async read(): Promise<Checkpoint | null> {
    const newest = new Map<string, Uint8Array>();
    await this.#bus.replay(TOPIC, { partitions: [this.#partition] }, (batch) => {
      for (const record of batch.records) this.#keep(newest, record);
      return Promise.resolve();
    });
    const complete = [0, 1].flatMap((slot) => assemble(newest, `${this.#prefix}${slot}/`) ?? []);
    return complete.sort((a, b) => b.generation - a.generation)[0] ?? null;
  }

  #keep(newest: Map<string, Uint8Array>, { key, value }: Delivered): void {
    if (key.startsWith(this.#prefix)) newest.set(key, value);
  }

  #message(key: string, value: Uint8Array): Outgoing {
    return { topic: TOPIC, key, value, partition: this.#partition, headers: { type: 'checkpoint' } };
  }
}

/** Copies the segments into parts of at most {@link PART_BYTES}. */
function split(segments: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let left = segments.reduce((sum, segment) => sum + segment.length, 0);
  let part = new Uint8Array(Math.min(PART_BYTES, left));
  let filled = 0;
  for (const segment of segments) {
    for (let from = 0; from < segment.length; ) {
      const piece = segment.subarray(from, from + part.length - filled);
      part.set(piece, filled);
      from += piece.length;
      filled += piece.length;
      left -= piece.length;
      if (filled < part.length) continue;
      parts.push(part);
      part = new Uint8Array(Math.min(PART_BYTES, left));
      filled = 0;
    }
  }
  return parts;
}

function assemble(newest: ReadonlyMap<string, Uint8Array>, slot: string): Checkpoint | null {
  const bytes = newest.get(`${slot}manifest`);
  if (bytes === undefined) return null;
  const manifest = manifestSchema.safeParse(JSON.parse(Buffer.from(bytes).toString()));
  if (!manifest.success) return null;
  const { generation, parts: count, digest, next } = manifest.data;
  const parts = Array.from({ length: count }, (_, part) => newest.get(`${slot}${part}`) ?? new Uint8Array());
  const state = Buffer.concat(parts);
  const whole = createHash('sha256').update(state).digest('hex') === digest;
  return whole ? { generation, next, state } : null;
}
