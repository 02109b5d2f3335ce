import type { Bus } from '#libs/bus/port.ts';
import type { Custody } from '#libs/ledger/port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import { LedgerRefusedError, MessageTooLargeError } from '#libs/runtime/errors.ts';
import { retry } from '#libs/runtime/retry.ts';
import type { Series } from '#libs/series/port.ts';
import type { KeptAssessments } from './kept-assessments.ts';
import type { Load } from './load.ts';

export interface StorePorts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly series: Pick<Series, 'prepare' | 'write'>;
  readonly custody: Custody;
  readonly kept: Pick<KeptAssessments, 'choose' | 'keep'>;
}

export interface StoreSettings {
  readonly flushPoints: number;
  readonly flushMs: number;
}

interface Waiting {
  readonly load: Load;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes loads durable, those that come together in one write.
 *
 * A load waits until `flushPoints` points have gathered or `flushMs` have passed, and while a write is under way.
 * A write is: points, then custody, then the assessments that the ledger keeps, then dead letters; each is tried until
 * it succeeds or the store is stopped. Dead letters come last, because no two are the same to the bus: what fails
 * before them has not published any.
 *
 * Where a write fails for good, its loads are tried one by one. One that fails alone by its content is halved down to
 * the record that it fails by, and that one is dead-lettered. One that fails otherwise is rejected.
 */
export class Store {
  readonly #ports: StorePorts;
  readonly #settings: StoreSettings;
  readonly #surroundings: Surroundings;
  readonly #stopping = new AbortController();
  #waiting: Waiting[] = [];
  #points = 0;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | null = null;
  #isDue = false;
  #isPrepared = false;
  /** What is being waited for, in words; null: nothing. */
  problem: string | null = null;

  constructor(ports: StorePorts, settings: StoreSettings, surroundings: Surroundings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#surroundings = surroundings;
  }

  /** Resolves when all of the load is durable. Rejects with what cannot be retried, or when stopped meanwhile. */
  put(load: Load): Promise<void> {
    if (load.isEmpty) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ load, resolve, reject });
    this.#points += load.points.length;
    if (this.#points >= this.#settings.flushPoints || this.#stopping.signal.aborted) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#settings.flushMs);
    return promise;
  }

  /** What waits is written at once, and failures are no longer waited out. */
  stop(): void {
    this.#stopping.abort();
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = this.#waiting.length > 0;
    if (!this.#isDue || this.#underWay) return;
    const group = this.#waiting;
    this.#waiting = [];
    this.#points = 0;
    this.#isDue = false;
    this.#underWay = this.#write(group).finally(() => {
      this.#underWay = null;
      if (this.#isDue) this.#flush();
    });
  }

  /** Never rejects: the loads' own promises tell. */
  async #write(group: readonly Waiting[]): Promise<void> {
    const loads = group.map(({ load }) => load);
    try {
      await this.#makeDurable(loads);
    } catch {
      // Whose fault it was shows when each is alone.
      for (const { load, resolve, reject } of group) await this.#writeAlone(load).then(resolve, reject);
      return;
    }
    for (const { resolve } of group) resolve();
  }

  async #makeDurable(loads: readonly Load[]): Promise<void> {
    await this.#writePoints(loads);
    await this.#account(loads);
    await this.#keep(loads);
    await this.#publishDead(loads);
  }

  /** @throws what is not of the records' content: it would bury them all. */
  async #writeAlone(load: Load): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    try {
      await this.#makeDurable([load]);
    } catch (error) {
      if (!isOfContent(error)) throw error;
      const halves = load.halves();
      if (halves === null) await this.#giveUp(load, error);
      else for (const half of halves) await this.#writeAlone(half);
    }
  }

  /** Of the load's one record only a dead letter is left; that its frames are dead is accounted for if that is possible. */
  async #giveUp(load: Load, err: Error): Promise<void> {
    const { counters, log } = this.#surroundings;
    counters.add('writer_errors', { stage: 'record' });
    log.warn(
      { err, topic: load.batch.topic, partition: load.batch.partition },
      'cannot be made durable: a dead letter',
    );
    load.giveUp(err.message);
    try {
      await this.#makeDurable([load]);
    } catch (error) {
      if (!isOfContent(error)) throw error;
      load.disown();
      await this.#makeDurable([load]);
    }
  }

  async #writePoints(loads: readonly Load[]): Promise<void> {
    const points = loads.flatMap((load) => load.points);
    if (points.length === 0) return;
    const { counters } = this.#surroundings;
    await this.#prepare();
    const { stored, refused } = await this.#persist('points', () => this.#ports.series.write(points));
    counters.add('writer_points_stored', {}, stored);
    counters.add('writer_points_refused', {}, refused.length);
    // Both the refused places and the loads are in order.
    let load = 0;
    let base = 0;
    for (const { index, reason } of refused) {
      for (; index - base >= (loads[load]?.points.length ?? 0); load++)
        base += loads[load]?.points.length ?? 0;
      loads[load]?.refuse(index - base, reason);
    }
  }

  /** Before the first points, not at the start: a writer whose store is away yet can be stopped. */
  async #prepare(): Promise<void> {
    if (this.#isPrepared) return;
    await this.#persist('store', () => this.#ports.series.prepare());
    this.#isPrepared = true;
  }

  async #account(loads: readonly Load[]): Promise<void> {
    const entries = loads.flatMap((load) => load.custody());
    if (entries.length > 0) await this.#persist('custody', () => this.#ports.custody.account(entries));
  }

  async #keep(loads: readonly Load[]): Promise<void> {
    const assessments = loads.flatMap((load) => load.assessments());
    if (assessments.length === 0) return;
    const { kept } = this.#ports;
    const choice = await this.#persist('assessments', () => kept.choose(assessments));
    await this.#persist('assessments', () => kept.keep(choice));
    this.#surroundings.counters.add('writer_assessments_kept', {}, choice.keep.length);
  }

  async #publishDead(loads: readonly Load[]): Promise<void> {
    const letters = loads.flatMap((load) => load.deadLetters('writer'));
    if (letters.length > 0) await this.#persist('dead letters', () => this.#ports.bus.publish(letters));
  }

  async #persist<T>(what: string, act: () => Promise<T>): Promise<T> {
    const { counters, log } = this.#surroundings;
    const result = await retry(act, {
      firstMs: 100,
      maxMs: 5_000,
      signal: this.#stopping.signal,
      onFailure: (err, attempt, waitMs) => {
        this.problem = `${what} not durable yet: ${err instanceof Error ? err.message : String(err)}`;
        counters.add('writer_errors', { stage: what });
        log.warn({ err, attempt, waitMs, what }, 'not durable yet; trying again');
      },
    });
    this.problem = null;
    return result;
  }
}

/** Of all that fails for good, what a record's own bytes bring about; the rest is a server's or ours to mend. */
function isOfContent(error: unknown): error is Error {
  return error instanceof MessageTooLargeError || error instanceof LedgerRefusedError;
}
