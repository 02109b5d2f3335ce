import type { Notice } from '#libs/ledger/alert-port.ts';
import { DeliveryError } from '#libs/runtime/errors.ts';
import type { Channel } from '../channel.ts';
import { endedOf, type Posted, postedOf } from './alertmanager-alert.ts';
import { FanOut, type Refusal } from './fan-out.ts';
import { hostOf, request } from './http.ts';

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

/**
 * Posts alerts to the v2 API of every Alertmanager named, which groups, routes and silences them. It forgets what is
 * not told again: `repeatMs`.
 */
export function alertmanagerChannel(settings: AlertmanagerSettings): Channel {
  const bases = basesOf(settings.alertmanagerUrl);
  const fanOut = new FanOut(bases);
  return {
    name: 'alertmanager',
    target: bases.map(hostOf).join(', '),
    repeatMs: REPEAT_MS,
    deliver: (notice) =>
      fanOut.deliver(notice.id, async (asked) => {
        const outcomes = await Promise.all(asked.map((base) => attempt(base, notice, settings)));
        return outcomes.filter((outcome) => outcome !== null);
      }),
  };
}

export function basesOf(addresses: string): readonly string[] {
  const bases = addresses.split(',').map((address) => address.trim().replace(/\/+$/, ''));
  return bases.filter(Boolean);
}

async function attempt(
  base: string,
  notice: Notice,
  settings: AlertmanagerSettings,
): Promise<Refusal | null> {
  try {
    await tell(base, notice, settings);
    return null;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return { receiver: base, reason: error.message, patience: PATIENCE };
  }
}

async function tell(base: string, notice: Notice, settings: AlertmanagerSettings): Promise<void> {
  const { alertmanagerTimeoutMs, consoleUrl } = settings;
  const nowMs = Date.now();
  const posted = postedOf(notice, nowMs, consoleUrl);
  const former = await known(base, notice.alert, alertmanagerTimeoutMs);
  const asked = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([posted, ...endedOf(former, posted, nowMs)]),
  } as const;
  const response = await request(`${base}/api/v2/alerts`, asked, alertmanagerTimeoutMs);
  const answer = await response.text();
  if (response.ok) return;
  throw new DeliveryError(
    `${hostOf(base)}: expected a status of 2xx from /api/v2/alerts, got ${response.status}: ${answer.trim().slice(0, 300)}; check alertmanagerUrl`,
  );
}

/** What it has of an alert. A server that does not say is taken to have nothing; the post will show whether it is up. */
async function known(base: string, alert: string, timeoutMs: number): Promise<readonly Posted[]> {
  const filter = new URLSearchParams({ filter: `alert_id="${alert}"` });
  const response = await request(`${base}/api/v2/alerts?${filter.toString()}`, { method: 'GET' }, timeoutMs);
  const answer = await response.text();
  const isList = response.ok && response.headers.get('content-type')?.includes('json');
  return isList ? (JSON.parse(answer) as readonly Posted[]) : [];
}
