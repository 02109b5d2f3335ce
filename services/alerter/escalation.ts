import type { AlertBook, AlertChange, Unattended } from '#libs/ledger/alert-port.ts';
import { SYSTEM } from '#libs/model/alert.ts';
import type { Severity } from '#libs/model/finding.ts';
import { ConflictError } from '#libs/runtime/errors.ts';
import { isAtLeast } from './addressing.ts';
import type { Duty } from './duty.ts';

export interface EscalationSettings {
  /** 0: never. */
  readonly escalateAfterMinutes: number;
  /** The least severity that escalates. */
  readonly escalateFrom: Severity;
}

interface Payload {
  readonly alert: string;
  readonly episode: number;
}

const MINUTE_MS = 60_000;

/** Escalates alerts that nobody has acknowledged in time. Whoever acknowledges one meanwhile has won. */
export function escalation(
  alerts: AlertBook,
  { escalateAfterMinutes, escalateFrom }: EscalationSettings,
  changed: (changes: readonly AlertChange[]) => Promise<void>,
): Duty {
  const waitMs = Math.round(escalateAfterMinutes * MINUTE_MS);
  const isMeant = ({ severity }: Unattended) => waitMs > 0 && isAtLeast(severity, escalateFrom);
  return {
    name: 'escalate',
    async plan(_nowMs, untilMs) {
      if (waitMs === 0) return [];
      const due = (await alerts.unattended()).filter(
        (one) => isMeant(one) && one.raisedMs + waitMs < untilMs,
      );
      return due.map(({ id, episode, raisedMs }) => ({
        key: `${id}-${episode}`,
        runAtMs: raisedMs + waitMs,
        payload: { alert: id, episode } satisfies Payload,
      }));
    },
    async run(payload, nowMs) {
      const { alert, episode } = payload as Payload;
      const [waiting] = await alerts.unattended(alert);
      if (!waiting || waiting.episode !== episode || !isMeant(waiting)) return;
      if (nowMs < waiting.raisedMs + waitMs) return;
      const reason = `nobody acknowledged it within ${escalateAfterMinutes} min`;
      try {
        await changed([await alerts.act(alert, { kind: 'escalate', reason }, SYSTEM, nowMs)]);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    },
  };
}
