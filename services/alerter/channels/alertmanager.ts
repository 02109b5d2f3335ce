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

/** Alerts whose end is remembered. */
const ENDS = 10_000;

/**
 * Posts alerts to the v2 API of every Alertmanager named, which groups, routes and silences them. It forgets what is
 * not told again: `repeatMs`.
 */
export function alertmanagerChannel(settings: AlertmanagerSettings): Channel {
  const bases = basesOf(settings.alertmanagerUrl);
  const fanOut = new FanOut(bases);
  const ends = new Ends();
  return {
    name: 'alertmanager',
    target: bases.map(hostOf).join(', '),
    repeatMs: REPEAT_MS,
    deliver(notice) {
      ends.see(notice);
      return fanOut.deliver(notice.id, async (asked) => {
        const outcomes = await Promise.all(asked.map((base) => attempt(base, notice, ends, settings)));
        return outcomes.filter((outcome) => outcome !== null);
      });
    },
  };
}

/** A repeat that was begun before the end of its alert, and comes after it, would bring the alert back to life. */
class Ends {
  readonly #endedMs = new Map<string, number>();

  see({ alert, event, createdMs }: Notice): void {
    if (event !== 'resolved') return;
    this.#endedMs.delete(alert);
    this.#endedMs.set(alert, createdMs);
    const [oldest] = this.#endedMs.keys();
    if (this.#endedMs.size > ENDS && oldest !== undefined) this.#endedMs.delete(oldest);
  }

  overtook({ alert, event, createdMs }: Notice): boolean {
    return event !== 'resolved' && createdMs < (this.#endedMs.get(alert) ?? 0);
  }
}

export function basesOf(addresses: string): readonly string[] {
  const bases = addresses.split(',').map((address) => address.trim().replace(/\/+$/, ''));
  return bases.filter(Boolean);
}

async function attempt(
  base: string,
  notice: Notice,
  ends: Ends,
  settings: AlertmanagerSettings,
): Promise<Refusal | null> {
  try {
    await tell(base, notice, ends, settings);
    return null;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return { receiver: base, reason: error.message, patience: PATIENCE };
  }
}

async function tell(
  base: string,
  notice: Notice,
  ends: Ends,
  { alertmanagerTimeoutMs, consoleUrl }: AlertmanagerSettings,
): Promise<void> {
  const nowMs = Date.now();
  const posted = postedOf(notice, nowMs, consoleUrl);
  const former = await known(base, notice.alert, alertmanagerTimeoutMs);
  if (ends.overtook(notice)) return;
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([posted, ...endedOf(former, posted, nowMs)]),
  } as const;
  const { ok, status, text } = await ask(`${base}/api/v2/alerts`, post, alertmanagerTimeoutMs);
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
