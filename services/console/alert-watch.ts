import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertBook, AlertRow } from '#libs/ledger/alert-port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';

/** The watch takes at most this part of the time, however many alerts there are. */
const SHARE = 1 / 20;

/** The alerts that are not resolved, seen again now and then, so that a change shows whoever made it. */
export class AlertWatch {
  readonly #alerts: Pick<AlertBook, 'between'>;
  readonly #everyMs: number;
  readonly #changed: (alert: AlertRow) => void;
  readonly #surroundings: Surroundings;
  readonly #stopping = new AbortController();
  #ongoing: ReadonlyMap<string, AlertRow> = new Map();
  #watching: Promise<void> = Promise.resolve();

  /** @param changed told of each that has opened, changed or been resolved since the last look. */
  constructor(
    alerts: Pick<AlertBook, 'between'>,
    everyMs: number,
    changed: (alert: AlertRow) => void,
    surroundings: Surroundings,
  ) {
    this.#alerts = alerts;
    this.#everyMs = everyMs;
    this.#changed = changed;
    this.#surroundings = surroundings;
  }

  /** As of the last look. */
  ongoing(): Iterable<AlertRow> {
    return this.#ongoing.values();
  }

  async start(): Promise<void> {
    this.#ongoing = await this.#read();
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    for (let tookMs = 0; !signal.aborted; ) {
      await sleep(Math.max(this.#everyMs, tookMs / SHARE), undefined, { signal }).catch(() => undefined);
      const beganMs = performance.now();
      await this.#look().catch((err: unknown) => {
        this.#surroundings.log.warn({ err }, 'the alerts could not be read; looking again');
      });
      tookMs = performance.now() - beganMs;
    }
  }

  async #look(): Promise<void> {
    const former = this.#ongoing;
    const now = await this.#read();
    this.#ongoing = now;
    for (const row of now.values()) {
      if (JSON.stringify(former.get(row.id)) !== JSON.stringify(row)) this.#changed(row);
    }
    for (const row of former.values()) if (!now.has(row.id)) this.#changed(row);
  }

  async #read(): Promise<ReadonlyMap<string, AlertRow>> {
    const { open } = await this.#alerts.between(0, 0);
    return new Map(open.map((row) => [row.id, row]));
  }
}
