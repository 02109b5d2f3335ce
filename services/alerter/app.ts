import type { Bus, Consumption } from '#libs/bus/port.ts';
import type { Job, Jobs, Worker } from '#libs/jobs/port.ts';
import type { AlertChange } from '#libs/ledger/alert-port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { Delivery, type DeliverySettings } from './delivery.ts';
import { FindingIntake } from './finding-intake.ts';
import { ResolutionBoard } from './resolution-board.ts';

export type AlerterSettings = DeliverySettings & {
  /** How often the ledger is compared with what the jobs and the resolution topic know. */
  readonly sweepMs: number;
  /** Wait after the first failed delivery; doubles with each, up to ten minutes. */
  readonly deliveryBackoffMs: number;
  /** Deliveries at once. */
  readonly deliveryConcurrency: number;
};

export interface AlerterPorts {
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly jobs: Jobs;
}

const QUEUE = 'notices';
/** After these a job counts as failed, for people to see; the next sweep begins it anew. */
const ATTEMPTS = 30;
const SWEPT = 5_000;

/** Findings become alerts; people are told of those that open and resolve, at least once, under a stable key. */
export function createAlerter(
  ports: AlerterPorts,
  settings: AlerterSettings,
  surroundings: Surroundings,
): App {
  return new Alerter(ports, settings, surroundings);
}

class Alerter implements App {
  readonly #ports: AlerterPorts;
  readonly #settings: AlerterSettings;
  readonly #surroundings: Surroundings;
  readonly #board: ResolutionBoard;
  #worker: Worker | undefined;
  #consumption: Consumption | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Matching and sweeping, one after the other. */
  #upkeep: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(ports: AlerterPorts, settings: AlerterSettings, surroundings: Surroundings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#board = new ResolutionBoard(ports.bus);
  }

  async start(): Promise<void> {
    const { bus, ledger, jobs } = this.#ports;
    await ledger.migrate();
    await bus.ensure([TOPICS.findings, TOPICS.resolution, TOPICS.dead]);
    const delivery = new Delivery(ledger.outbox, this.#settings, this.#surroundings);
    this.#worker = await jobs.work(QUEUE, (attempt) => delivery.run(attempt), {
      concurrency: this.#settings.deliveryConcurrency,
      failed: ({ id, attempt }, err, final) =>
        this.#surroundings.log.warn({ notice: id, attempt, final, err }, 'a notice was not delivered'),
    });
    await this.#sweep();
    const intake = new FindingIntake(bus, ledger, (changes) => this.#follow(changes), this.#surroundings);
    this.#consumption = await bus.subscribe({
      group: 'alerter',
      topics: [TOPICS.findings.name],
      from: 'earliest',
      deliver: (batch, control) => intake.take(batch, control),
      failed: (err) => this.#survived('intake', err),
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#consumption?.stop();
    await this.#upkeep;
    await this.#worker?.stop(this.#settings.webhookTimeoutMs + 1_000);
  }

  /** What follows from changes at once. It never fails a batch: the ledger knows it, and the sweep makes up for it. */
  async #follow(changes: readonly AlertChange[]): Promise<void> {
    await this.#attempt('schedule', async () => {
      for (const id of changes.flatMap(({ notices }) => notices))
        await this.#ports.jobs.schedule(jobOf(id, this.#settings));
    });
    if (changes.some(({ change }) => change !== 'unchanged'))
      await this.#afterUpkeep(() => this.#matchBoard());
  }

  /** Puts back what the job store lost, begins anew what it gave up, and mends the resolution topic; then again. */
  async #sweep(): Promise<void> {
    await this.#afterUpkeep(async () => {
      await this.#attempt('sweep', () => this.#schedulePending());
      await this.#attempt('resolution', () => this.#board.refresh());
      await this.#matchBoard();
    });
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#sweep(), this.#settings.sweepMs);
  }

  async #schedulePending(): Promise<void> {
    const { ledger, jobs } = this.#ports;
    const pending = await ledger.outbox.pending(SWEPT);
    this.#surroundings.counters.set('alerter_pending_notices', {}, pending.length);
    for (const { id } of pending) {
      if (this.#stopped) return;
      await jobs.schedule(jobOf(id, this.#settings));
    }
  }

  #matchBoard(): Promise<void> {
    return this.#attempt('resolution', async () =>
      this.#board.match(await this.#ports.ledger.alerts.concerned()),
    );
  }

  #afterUpkeep(act: () => Promise<void>): Promise<void> {
    this.#upkeep = this.#upkeep.then(act);
    return this.#upkeep;
  }

  async #attempt(stage: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#survived(stage, error);
    }
  }

  #survived(stage: string, err: unknown): void {
    this.#surroundings.counters.add('alerter_errors', { stage });
    this.#surroundings.log.warn({ err, stage }, 'the alerter failed; going on');
  }
}

const jobOf = (id: string, { deliveryBackoffMs }: AlerterSettings): Job => ({
  queue: QUEUE,
  id,
  payload: null,
  attempts: ATTEMPTS,
  backoffMs: deliveryBackoffMs,
});
