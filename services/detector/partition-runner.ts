import { performance } from 'node:perf_hooks';
import type { Batch, BatchControl, Bus, Delivered, Outgoing } from '#libs/bus/port.ts';
import type { Counters } from '#libs/runtime/counters.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { retry } from '#libs/runtime/retry.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { Emit, Work } from './work.ts';

const RETRY = { firstMs: 100, maxMs: 5_000 };
const RECORDS_PER_HEARTBEAT = 1_000;
/** A checkpoint may take this share of the time at most: large states are written less often. */
const CHECKPOINT_SHARE = 0.05;

export interface RunnerOptions {
  readonly bus: Bus;
  readonly store: CheckpointStore;
  readonly makeWork: (emit: Emit) => Work;
  readonly checkpointMs: number;
  readonly counters: Counters;
  readonly log: Logger;
  /** Ends the waiting for a bus that is away. */
  readonly signal: AbortSignal;
}

/**
 * Runs one stage for one partition of each of its topics.
 *
 * An offset counts as taken in when its record has changed the state; what the state emitted waits in the outbox
 * until the bus has it. A batch that comes again is skipped as far as it was taken in, and the outbox is published
 * first: nothing is emitted out of order and nothing is lost. Offsets are committed after a checkpoint only.
 */
export class PartitionRunner {
  readonly #options: RunnerOptions;
  #work: Work;
  readonly #next = new Map<string, number>();
  readonly #controls = new Map<string, BatchControl>();
  #outbox: Outgoing[] = [];
  #generation = 0;
  #dirty = false;
  #checkpointDueMs = 0;
  /** Both topics of stage 2 share the state: one batch, or checkpoint, at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#work = this.#makeWork();
    this.#checkpointDueMs = performance.now() + options.checkpointMs;
  }

  /**
   * Resumes from the newest complete checkpoint, if there is one. One of another version, whose slabs have other
   * widths, is left: the group's offset then says where to begin.
   */
  async restore(): Promise<void> {
    const checkpoint = await this.#options.store.read();
    if (checkpoint === null) return;
    this.#generation = checkpoint.generation;
    try {
      this.#work.restore(checkpoint.state);
    } catch (err) {
      if (!(err instanceof RangeError || err instanceof SyntaxError)) throw err;
      this.#options.counters.add('detector_checkpoints_refused', {});
      this.#options.log.warn({ err }, 'the checkpoint is of another version; beginning without it');
      this.#work = this.#makeWork();
      return;
    }
    for (const [topic, next] of Object.entries(checkpoint.next)) this.#next.set(topic, next);
  }

  /** Where to go on in a topic; undefined: where the group says. */
  nextOffset(topic: string): number | undefined {
    return this.#next.get(topic);
  }

  deliver(batch: Batch, control: BatchControl): Promise<void> {
    return this.#inTurn(async () => {
      this.#controls.set(batch.topic, control);
      await this.#flush();
      await this.#take(batch, control);
      this.#work.tell(this.#options.counters);
      await this.#flush();
      if (performance.now() >= this.#checkpointDueMs) await this.#checkpoint();
    });
  }

  /** Makes what was taken in durable if it is time: a stream that has fallen silent leaves nothing uncommitted. */
  settleIfDue(): Promise<void> {
    return this.#dirty && performance.now() >= this.#checkpointDueMs ? this.settle() : Promise.resolve();
  }

  /** Makes all that was taken in durable. */
  settle(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#flush();
      if (this.#dirty) await this.#checkpoint();
    });
  }

  async #take({ topic, records }: Batch, control: BatchControl): Promise<void> {
    let next = this.#next.get(topic) ?? 0;
    let sinceHeartbeat = 0;
    for (const record of records) {
      if (record.offset < next) continue;
      this.#takeOne(topic, record);
      next = record.offset + 1;
      this.#next.set(topic, next);
      this.#dirty = true;
      if (++sinceHeartbeat < RECORDS_PER_HEARTBEAT) continue;
      sinceHeartbeat = 0;
      await control.heartbeat();
    }
  }

  /** A record that the code fails on would come again for ever: it is left out, counted and told of. */
  #takeOne(topic: string, record: Delivered): void {
    try {
      this.#work.take(topic, record);
    } catch (err) {
      const { counters, log } = this.#options;
      counters.add('detector_failures', { topic });
      log.error({ err, topic, offset: record.offset }, 'a record could not be worked on and is left out');
    }
  }

  async #flush(): Promise<void> {
    if (this.#outbox.length === 0) return;
    const { bus, signal, log } = this.#options;
    await retry(() => bus.publish(this.#outbox), {
      ...RETRY,
      signal,
      onFailure: (err, attempt) => log.warn({ err, attempt }, 'publishing failed; trying again'),
    });
    this.#outbox = [];
  }

  async #checkpoint(): Promise<void> {
    const { store, checkpointMs, counters } = this.#options;
    const began = performance.now();
    const next = Object.fromEntries(this.#next);
    await store.write(this.#generation + 1, next, this.#work.dump());
    this.#generation++;
    this.#dirty = false;
    for (const [topic, control] of this.#controls) {
      const offset = next[topic];
      if (!control.stale && offset !== undefined) await control.commit(offset);
    }
    const tookMs = performance.now() - began;
    counters.add('detector_checkpoints', {});
    this.#checkpointDueMs = performance.now() + Math.max(checkpointMs, tookMs / CHECKPOINT_SHARE);
  }

  #makeWork(): Work {
    return this.#options.makeWork((message) => this.#outbox.push(message));
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
