import type { Step } from '#libs/casework/alert-life.ts';
import type { Finding } from '#libs/model/finding.ts';
import { idOf } from './ids.ts';
import type { Notice } from './port.ts';

/** What every notice says of itself. */
const NOTE =
  'An observation for a person to look at. It judges nobody, and its findings say what they cannot see.';

/**
 * The notices that a step writes, one an event. Their ids are the same on every replay: alert, event, episode.
 * The body names every finding of the alert and holds in full the one that caused the event.
 */
export function noticesOf({ life, events }: Step, finding: Finding, nowMs: number): Notice[] {
  return events.map((event, index) => ({
    id: idOf('notice', life.alert.id, event, life.episode),
    alert: life.alert.id,
    event,
    body: JSON.stringify({ event, note: NOTE, alert: life.alert, findings: [finding] }),
    // Two events at once keep their order.
    createdMs: nowMs + index,
    deliveredMs: null,
    attempts: 0,
    lastError: null,
  }));
}
