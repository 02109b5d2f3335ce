import type { Bus, Consumption } from '#libs/bus/port.ts';
import type { Attempt, Jobs, Worker } from '#libs/jobs/port.ts';
import type { AlertChange } from '#libs/ledger/alert-port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Severity } from '#libs/model/finding.ts';
import { TOPICS } from '#libs/model/topics.ts';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { Addressing } from './addressing.ts';
import type { Channel } from './channel.ts';
import { Deliveries, queueOf } from './delivery.ts';
import { digestDuty } from './digest-duty.ts';
import { DUTIES, Duties } from './duties.ts';
import { type EscalationSettings, escalation } from './escalation.ts';
import { FindingIntake } from './finding-intake.ts';
import { resolveIdle } from './idle-alerts.ts';
import { repeatDuty } from './repeat-duty.ts';
import { ResolutionBoard } from './resolution-board.ts';
import { silenceDuty } from './silence-duty.ts';

export interface AlerterSettings extends EscalationSettings {
  /** How often the ledger is compared with what the jobs and the resolution topic know. */
  readonly sweepMs: number;
  /** Wait after the first failed delivery; doubles with each, up to ten minutes. */
  readonly deliveryBackoffMs: number;
  /** Deliveries at once, by each channel; and duties. */
  readonly deliveryConcurrency: number;
  /** The least severity that people are told of at once. */
  readonly notifyFrom: Severity;
  /** 0: never. */
  readonly autoResolveHours: number;
  readonly digestHours: number;
}

export interface AlerterPorts {
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly jobs: Jobs;
  /** Whom to tell. All alerters of one ledger have the same ones. */
  readonly channels: readonly Channel[];
}

export interface Alerter extends App {
  /** What it cannot reach now, in words; null: all is well. */
  problem(): string | null;
}

/** What jobs in hand may take when it stops. */
const STOP_MS = 11_000;
/** How far ahead delayed jobs are made, beside two sweeps. */
const HORIZON_MS = 60_000;

/**
 * Findings become alerts; people are told of those that open, escalate and resolve, at least once, under a stable key.
 */
export function createAlerter(
  ports: AlerterPorts,
  settings: AlerterSettings,
  surroundings: Surroundings,
): Alerter {
  return new RunningAlerter(ports, settings, surroundings);
}

class RunningAlerter implements Alerter {
  readonly #ports: AlerterPorts;
  readonly #settings: AlerterSettings;
  readonly #surroundings: Surroundings;
  readonly #board: ResolutionBoard;
  readonly #addressing: Addressing;
  readonly #deliveries: Deliveries;
  readonly #duties: Duties;
  readonly #troubles = new Map<string, string>();
  readonly #workers: Worker[] = [];
  #consumption: Consumption | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Matching and sweeping, one after the other. */
  #upkeep: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(ports: AlerterPorts, settings: AlerterSettings, surroundings: Surroundings) {
    const { bus, ledger, jobs, channels } = ports;
    const { deliveryBackoffMs, sweepMs, notifyFrom, digestHours } = settings;
    this.#ports = ports;
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#board = new ResolutionBoard(bus);
    const names = channels.map(({ name }) => name);
    this.#addressing = new Addressing(ledger, names, notifyFrom, surroundings);
    this.#deliveries = new Deliveries(ledger.outbox, jobs, channels, deliveryBackoffMs, surroundings);
    const changed = (changes: readonly AlertChange[]) => this.#follow(changes);
    const duties = [
      escalation(ledger.alerts, settings, changed),
      silenceDuty(ledger.silences, changed),
      repeatDuty(ledger.outbox, channels, surroundings),
      digestDuty(ledger, channels, digestHours, surroundings),
    ];
    this.#duties = new Duties(duties, jobs, HORIZON_MS + 2 * sweepMs, deliveryBackoffMs);
  }

  async start(): Promise<void> {
    const { bus, ledger, channels } = this.#ports;
    await ledger.migrate();
    await bus.ensure([TOPICS.findings, TOPICS.resolution, TOPICS.dead]);
    await this.#reportChannels();
    const deliver = (attempt: Attempt) => this.#deliveries.run(attempt);
    for (const { name } of channels) await this.#work(queueOf(name), deliver, 'a notice was not delivered');
    await this.#work(DUTIES, (attempt) => this.#duties.run(attempt), 'a duty was not done');
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
    await Promise.all(this.#workers.map((worker) => worker.stop(STOP_MS)));
  }

  problem(): string | null {
    const troubles = [...this.#troubles].map(([what, message]) => `${what}: ${message}`);
    return troubles.length === 0 ? null : troubles.join('\n');
  }

  async #reportChannels(): Promise<void> {
    const { ledger, channels } = this.#ports;
    const reportedMs = Date.now();
    await ledger.channels.report(channels.map(({ name, target }) => ({ name, target, reportedMs })));
    const names = channels.map(({ name }) => name);
    await ledger.outbox.withdraw(names, reportedMs, 'given up: the channel is not set any more');
  }

  async #work(queue: string, run: (attempt: Attempt) => Promise<void>, complaint: string): Promise<void> {
    const worker = await this.#ports.jobs.work(queue, run, {
      concurrency: this.#settings.deliveryConcurrency,
      failed: ({ id, attempt }, err, final) =>
        this.#surroundings.log.warn({ job: id, attempt, final, err }, complaint),
    });
    this.#workers.push(worker);
  }

  /** What follows from changes at once. It never fails a batch: the ledger knows it, and the sweep makes up for it. */
  async #follow(changes: readonly AlertChange[]): Promise<void> {
    const notices = changes.flatMap((change) => change.notices);
    if (notices.length > 0) {
      await this.#attempt('schedule', async () => {
        await this.#addressing.look();
        await this.#deliveries.schedule(notices);
      });
    }
    if (changes.some(({ change }) => change !== 'unchanged'))
      await this.#afterUpkeep(() => this.#matchBoard());
  }

  /** Does what is due, puts back what the job store lost, and mends the resolution topic; then again. */
  async #sweep(): Promise<void> {
    await this.#afterUpkeep(async () => {
      await this.#check();
      await this.#attempt('alerts', () => this.#settle());
      await this.#attempt('sweep', () => this.#schedule());
      await this.#attempt('resolution', () => this.#board.refresh());
      await this.#matchBoard();
    });
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#sweep(), this.#settings.sweepMs);
  }

  async #check(): Promise<void> {
    const { ledger, jobs } = this.#ports;
    const checks = { ledger: () => ledger.check(), jobs: () => jobs.counts(DUTIES) };
    for (const [what, check] of Object.entries(checks)) {
      try {
        await check();
        this.#troubles.delete(what);
      } catch (error) {
        this.#troubles.set(what, error instanceof Error ? error.message : String(error));
      }
    }
  }

  async #settle(): Promise<void> {
    const { alerts, silences } = this.#ports.ledger;
    const nowMs = Date.now();
    this.#countChanges(await silences.settle(nowMs));
    this.#countChanges(await resolveIdle(alerts, this.#settings.autoResolveHours, nowMs));
  }

  #countChanges(changes: readonly AlertChange[]): void {
    for (const { change } of changes) this.#surroundings.counters.add('alerter_changes', { change });
  }

  async #schedule(): Promise<void> {
    await this.#addressing.look();
    await this.#addressing.lookAgain();
    if (this.#stopped) return;
    await this.#deliveries.sweep();
    await this.#duties.look();
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
