import type { Notice } from '#libs/ledger/alert-port.ts';
import { DeliveryError } from '#libs/runtime/errors.ts';
import type { Channel } from '../channel.ts';
import { endedOf, type Posted, postedOf } from './alertmanager-alert.ts';
import { FanOut, type Refusal } from './fan-out.ts';
import { ask, hostOf } from './http.ts';

export interface AlertmanagerSettings {
  /** Bases of `/api/v2`, separated by commas. */
  readonly alertmanagerUrl: string;
  readonly alertmanagerTimeoutMs: number;
  readonly consoleUrl?: string | undefined;
}

/** As often as Prometheus itself tells what still fires. */
const REPEAT_MS = 60_000;
/** What is away for good is left to the repeats. */
const PATIENCE = 3;

/** Repeats do not wait for one that was away so short a time ago: the others would be told too late. */
const AWAY_MS = 45_000;
/** Alerts whose end is remembered. */
const ENDS = 10_000;

/**
 * Posts alerts to the v2 API of every Alertmanager named, which groups, routes and silences them. It forgets what is
 * not told again: `repeatMs`.
 */
export function alertmanagerChannel(settings: AlertmanagerSettings): Channel {
  const bases = basesOf(settings.alertmanagerUrl);
  const fanOut = new FanOut(bases);
  const teller = new Teller(settings);
  return {
    name: 'alertmanager',
    target: bases.map(hostOf).join(', '),
    repeatMs: REPEAT_MS,
    async deliver(notice) {
      const isRepeat = notice.deliveredMs !== null || fanOut.hasDelivered(notice.id);
      await fanOut.deliver(notice.id, (asked) => teller.tellAll(asked, notice, isRepeat), isRepeat);
    },
  };
}

export function basesOf(addresses: string): readonly string[] {
  const bases = addresses.split(',').map((address) => address.trim().replace(/\/+$/, ''));
  return bases.filter(Boolean);
}

class Teller {
  readonly #settings: AlertmanagerSettings;
  /** By base, why it was not told and when. */
  readonly #away = new Map<string, { readonly reason: string; readonly atMs: number }>();
  /** By alert, when its newest end was written. */
  readonly #endedMs = new Map<string, number>();

  constructor(settings: AlertmanagerSettings) {
    this.#settings = settings;
  }

  async tellAll(bases: readonly string[], notice: Notice, isRepeat: boolean): Promise<readonly Refusal[]> {
    if (notice.event === 'resolved') this.#see(notice);
    const reasons = await Promise.all(bases.map((base) => this.#attempt(base, notice, isRepeat)));
    return reasons.flatMap((reason, index) => {
      const receiver = bases[index];
      return reason && receiver ? [{ receiver, reason, patience: PATIENCE }] : [];
    });
  }

  #see({ alert, createdMs }: Notice): void {
    this.#endedMs.set(alert, createdMs);
    const [oldest] = this.#endedMs.keys();
    if (this.#endedMs.size > ENDS && oldest !== undefined) this.#endedMs.delete(oldest);
  }

  /** @returns why it was not told; null: it was. */
  async #attempt(base: string, notice: Notice, isRepeat: boolean): Promise<string | null> {
    const away = this.#away.get(base);
    if (isRepeat && away && Date.now() - away.atMs < AWAY_MS) return away.reason;
    try {
      await this.#tell(base, notice);
      this.#away.delete(base);
      return null;
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      this.#away.set(base, { reason: error.message, atMs: Date.now() });
      return error.message;
    }
  }

  async #tell(base: string, notice: Notice): Promise<void> {
    const { alertmanagerTimeoutMs, consoleUrl } = this.#settings;
    const nowMs = Date.now();
    const posted = postedOf(notice, nowMs, consoleUrl);
    const former = await known(base, notice.alert, alertmanagerTimeoutMs);
    if (this.#isOver(notice)) return;
    await post(base, [posted, ...endedOf(former, posted, nowMs)], alertmanagerTimeoutMs);
  }

  /** A repeat that was begun before the end of its alert, and comes after it, would bring the alert back to life. */
  #isOver({ alert, event, createdMs }: Notice): boolean {
    return event !== 'resolved' && createdMs < (this.#endedMs.get(alert) ?? 0);
  }
}

async function post(base: string, alerts: readonly Posted[], timeoutMs: number): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const asked = { method: 'POST', headers, body: JSON.stringify(alerts) } as const;
  const { ok, status, text } = await ask(`${base}/api/v2/alerts`, asked, timeoutMs);
  if (ok) return;
  const answer = text.trim().slice(0, 300);
  throw new DeliveryError(
    `${hostOf(base)}: expected a status of 2xx from /api/v2/alerts, got ${status}: ${answer}; check alertmanagerUrl`,
  );
}

/** What it has of an alert. A server that does not say is taken to have nothing; the post will show whether it is up. */
async function known(base: string, alert: string, timeoutMs: number): Promise<readonly Posted[]> {
  const filter = new URLSearchParams({ filter: `alert_id="${alert}"` });
  const address = `${base}/api/v2/alerts?${filter.toString()}`;
  const { ok, isJson, text } = await ask(address, { method: 'GET' }, timeoutMs);
  return ok && isJson ? (JSON.parse(text) as readonly Posted[]) : [];
}
