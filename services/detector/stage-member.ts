import type { Bus, Consumption } from '#libs/bus/port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { CheckpointStore } from './checkpoint.ts';
import { PartitionRunner } from './partition-runner.ts';
import type { Emit, Work } from './work.ts';

export interface StageOptions {
  readonly bus: Bus;
  /** Name of the stage in checkpoint keys; the consumer group is `detector-<stage>`. */
  readonly stage: '1' | '2';
  readonly topics: readonly string[];
  readonly makeWork: (partition: number, emit: Emit) => Work;
  readonly checkpointMs: number;
  readonly checkpointPartitions: number;
  readonly surroundings: Surroundings;
}

/**
 * A stage's membership in its consumer group: one runner per partition number, shared by the stage's topics.
 * Topics of one stage must have equally many partitions, and one member must hold the same number of each.
 */
export class StageMember {
  readonly #options: StageOptions;
  readonly #runners = new Map<number, Promise<PartitionRunner>>();
  readonly #held = new Map<number, Set<string>>();
  readonly #stopping = new AbortController();
  #consumption: Consumption | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { bus, stage, topics, surroundings } = this.#options;
    this.#consumption = await bus.subscribe({
      group: `detector-${stage}`,
      topics,
      from: 'earliest',
      assigned: (topic, partition) => this.#assigned(topic, partition),
      revoked: (topic, partition) => this.#revoked(topic, partition),
      deliver: async (batch, control) => (await this.#runner(batch.partition)).deliver(batch, control),
      failed: (err) => surroundings.log.warn({ err, stage }, 'reading failed; going on'),
    });
    this.#timer = setInterval(() => this.#settleSilent(), this.#options.checkpointMs);
  }

  /** Finishes the batches in hand and writes a checkpoint of every partition. A bus that is away is not waited for. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer) clearInterval(this.#timer);
    await this.#consumption?.stop();
  }

  #settleSilent(): void {
    const { stage, surroundings } = this.#options;
    for (const runner of this.#runners.values()) {
      runner
        .then((it) => it.settleIfDue())
        .catch((err: unknown) =>
          surroundings.log.warn({ err, stage }, 'a checkpoint failed; the next follows'),
        );
    }
  }

  async #assigned(topic: string, partition: number): Promise<number | undefined> {
    const held = this.#held.get(partition) ?? new Set();
    this.#held.set(partition, held.add(topic));
    const next = (await this.#runner(partition)).nextOffset(topic);
    if (next === undefined) return undefined;
    const kept = (await this.#options.bus.offsets(topic)).find((one) => one.partition === partition);
    return Math.max(next, kept?.low ?? 0);
  }

  async #revoked(topic: string, partition: number): Promise<void> {
    await (await this.#runner(partition)).settle();
    const held = this.#held.get(partition);
    held?.delete(topic);
    if (held?.size === 0) this.#runners.delete(partition);
  }

  #runner(partition: number): Promise<PartitionRunner> {
    const known = this.#runners.get(partition);
    if (known) return known;
    const made = this.#make(partition);
    this.#runners.set(partition, made);
    made.catch(() => this.#runners.delete(partition));
    return made;
  }

  async #make(partition: number): Promise<PartitionRunner> {
    const { bus, stage, makeWork, checkpointMs, checkpointPartitions, surroundings } = this.#options;
    const { counters, log } = surroundings;
    const runner = new PartitionRunner({
      bus,
      store: new CheckpointStore(bus, stage, partition, checkpointPartitions),
      makeWork: (emit) => makeWork(partition, emit),
      checkpointMs,
      counters,
      log,
      signal: this.#stopping.signal,
    });
    await runner.restore();
    return runner;
  }
}
