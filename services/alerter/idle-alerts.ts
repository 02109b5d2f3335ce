import type { AlertBook, AlertChange } from '#libs/ledger/alert-port.ts';
import { SYSTEM } from '#libs/model/alert.ts';
import { ConflictError } from '#libs/runtime/errors.ts';

const HOUR_MS = 3_600_000;

/**
 * Resolves alerts that nothing has happened to for so long; a finding that goes on after all opens them again.
 * @param hours 0: never.
 */
export async function resolveIdle(
  alerts: AlertBook,
  hours: number,
  nowMs: number,
): Promise<readonly AlertChange[]> {
  if (hours === 0) return [];
  const changes: AlertChange[] = [];
  const reason = `nothing has changed for ${hours} h`;
  for (const id of await alerts.idle(nowMs - hours * HOUR_MS)) {
    try {
      changes.push(await alerts.act(id, { kind: 'resolve', reason }, SYSTEM, nowMs));
    } catch (error) {
      // Somebody was quicker.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  return changes;
}
