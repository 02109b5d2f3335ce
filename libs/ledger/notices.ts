import type { Alert } from '#libs/model/alert.ts';
import type { Finding } from '#libs/model/finding.ts';
import { idOf } from './ids.ts';
import type { Notice } from './port.ts';

/** What every notice says of itself. */
const NOTE =
  'An observation for a person to look at. It judges nobody, and its findings say what they cannot see.';
/** Findings and nodes named in a notice: the first of them, beside their number. */
const NAMED = 100;

/**
 * The notices of an alert's events. Their ids are the same on every replay: alert, event, episode.
 * The body is JSON: the event, the alert with at most 100 of its findings and nodes, their numbers, and in full the
 * finding that caused the event.
 */
export function noticesOf(
  alert: Alert,
  episode: number,
  events: readonly Notice['event'][],
  finding: Finding,
  nowMs: number,
): Notice[] {
  const named = { ...alert, findings: alert.findings.slice(0, NAMED), nodes: alert.nodes.slice(0, NAMED) };
  const counts = { findings: alert.findings.length, nodes: alert.nodes.length };
  return events.map((event, index) => ({
    id: idOf('notice', alert.id, event, episode),
    alert: alert.id,
    event,
    body: JSON.stringify({ event, note: NOTE, alert: named, counts, findings: [finding] }),
    // Two events at once keep their order.
    createdMs: nowMs + index,
    deliveredMs: null,
    attempts: 0,
    lastError: null,
  }));
}
