import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, BatchControl, Bus, Consumption } from '#libs/bus/port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import type { Series } from '#libs/series/port.ts';
import type { WriterSettings } from './config.ts';
import { DetailedNodes } from './detail.ts';
import { Intake } from './intake.ts';
import { KeptAssessments } from './kept-assessments.ts';
import { Store } from './store.ts';

export interface WriterPorts {
  readonly bus: Bus;
  readonly series: Series;
  readonly ledger: Pick<Ledger, 'custody' | 'assessments'>;
}

export interface WriterApp extends App {
  /** What it waits for before it can go on, in words; null: nothing. */
  problem(): string | null;
}

const GROUP = 'writer';
const HEARTBEAT_MS = 3_000;
const HOUR_MS = 3_600_000;
const FRAMES = TOPICS.frames.name;

/**
 * Stores frames, summaries and assessments as points. It keeps no state: an offset is committed after its points are
 * acknowledged, what cannot be read or stored is in the topic `dead`, and the loss ledger knows of both.
 */
export function createWriter(
  { bus, series, ledger }: WriterPorts,
  settings: WriterSettings,
  surroundings: Surroundings,
): WriterApp {
  return new Writer(bus, series, ledger, settings, surroundings);
}

class Writer implements WriterApp {
  readonly #bus: Bus;
  readonly #settings: WriterSettings;
  readonly #surroundings: Surroundings;
  readonly #detail: DetailedNodes;
  readonly #intake: Intake;
  readonly #kept: KeptAssessments;
  readonly #store: Store;
  readonly #stopping = new AbortController();
  /** Partitions of the frames topic that are ours. */
  readonly #partitions = new Set<number>();
  /** Those of them whose former owner may not have finished its backfill. */
  readonly #fresh = new Set<number>();
  /** Partitions, by name, whose batch comes again, and why. */
  readonly #returning = new Map<string, string>();
  #consumption: Consumption | undefined;
  #following: Promise<void> = Promise.resolve();
  #pruning: Promise<void> = Promise.resolve();

  constructor(
    bus: Bus,
    series: Series,
    { custody, assessments }: WriterPorts['ledger'],
    settings: WriterSettings,
    surroundings: Surroundings,
  ) {
    this.#bus = bus;
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#detail = new DetailedNodes(bus);
    this.#intake = new Intake(settings.resolution, this.#detail.nodes, surroundings.counters);
    this.#kept = new KeptAssessments(assessments);
    const { writerFlushPoints: flushPoints, writerFlushMs: flushMs } = settings;
    this.#store = new Store(
      { bus, series, custody, kept: this.#kept },
      { flushPoints, flushMs },
      surroundings,
    );
  }

  async start(): Promise<void> {
    await this.#bus.ensure([TOPICS.frames, TOPICS.observations, TOPICS.resolution, TOPICS.dead]);
    const isAdaptive = this.#settings.resolution === 'adaptive';
    if (isAdaptive) await this.#detail.look();
    this.#consumption = await this.#bus.subscribe({
      group: GROUP,
      topics: [FRAMES, TOPICS.observations.name],
      from: 'earliest',
      assigned: async (topic, partition) => {
        if (topic === FRAMES) this.#gain(partition);
        else this.#kept.forget();
        return undefined;
      },
      revoked: async (topic, partition) => {
        this.#returning.delete(`${topic}/${partition}`);
        if (topic === FRAMES) this.#lose(partition);
      },
      deliver: (batch, control) => this.#deliver(batch, control),
      failed: (err) => this.#failed('batch', err),
    });
    if (isAdaptive) this.#following = this.#follow();
    this.#pruning = this.#prune();
    this.#surroundings.log.info({ resolution: this.#settings.resolution }, 'writer runs');
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#store.stop();
    await this.#consumption?.stop();
    await Promise.all([this.#following, this.#pruning]);
  }

  problem(): string | null {
    const [returning] = this.#returning;
    return this.#store.problem ?? (returning ? `the batch of ${returning.join(' comes again: ')}` : null);
  }

  async #deliver(batch: Batch, control: BatchControl): Promise<void> {
    const { counters } = this.#surroundings;
    const { topic, partition, records } = batch;
    counters.add('writer_received', { topic }, records.length);
    const load = this.#intake.load(batch);
    // A failed heartbeat shows when the batch is done: it is stale then.
    const beat = setInterval(() => void control.heartbeat().catch(() => undefined), HEARTBEAT_MS);
    try {
      await this.#store.put(load);
      const last = records.at(-1);
      if (last && !control.stale) await control.commit(last.offset + 1);
      this.#returning.delete(`${topic}/${partition}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!control.stale) this.#returning.set(`${topic}/${partition}`, reason);
      counters.add('writer_discarded', { topic, reason: 'comes again' }, records.length);
      throw error;
    } finally {
      clearInterval(beat);
    }
    counters.add('writer_sent', { topic }, records.length - load.dead);
    counters.add('writer_discarded', { topic, reason: 'dead letter' }, load.dead);
  }

  #gain(partition: number): void {
    this.#partitions.add(partition);
    this.#fresh.add(partition);
  }

  #lose(partition: number): void {
    this.#partitions.delete(partition);
    this.#fresh.delete(partition);
  }

  /** Looks at the resolution topic until stopped, and fetches what nodes new on it have sent before. */
  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    const news = new Set<string>();
    while (!signal.aborted) {
      try {
        for (const node of await this.#detail.look()) news.add(node);
        await this.#backfill(news, [...this.#partitions]);
        news.clear();
        const fresh = [...this.#fresh];
        await this.#backfill(this.#detail.nodes, fresh);
        for (const partition of fresh) this.#fresh.delete(partition);
      } catch (error) {
        this.#failed('backfill', error);
      }
      await sleep(this.#settings.writerResolutionPollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Stores the frames of these nodes that the partitions still have. Doing it twice changes nothing. */
  async #backfill(nodes: ReadonlySet<string>, partitions: readonly number[]): Promise<void> {
    if (nodes.size === 0 || partitions.length === 0) return;
    const sinceMs = Date.now() - this.#settings.writerBackfillHours * HOUR_MS;
    await this.#bus.replay(FRAMES, { partitions }, async (batch) => {
      this.#stopping.signal.throwIfAborted();
      const load = this.#intake.framesOf(batch, nodes, sinceMs);
      await this.#store.put(load);
      this.#surroundings.counters.add('writer_backfilled_points', {}, load.points.length);
    });
  }

  /** Every hour until stopped, what the ledger has kept for long enough is forgotten. */
  async #prune(): Promise<void> {
    const { signal } = this.#stopping;
    const { assessmentRetentionDays: days } = this.#settings;
    while (days > 0 && !signal.aborted) {
      await sleep(HOUR_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#kept.prune(days).catch((err: unknown) => this.#failed('prune', err));
    }
  }

  #failed(stage: string, err: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#surroundings.counters.add('writer_errors', { stage });
    this.#surroundings.log.warn({ err, stage }, 'failed; comes again');
  }
}
