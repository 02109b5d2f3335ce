import type { AlertEvent, DoneAct } from '#libs/casework/alert-steps.ts';
import type { Act, Alert } from '#libs/model/alert.ts';
import type { Finding } from '#libs/model/finding.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import type { Notice, NoticeBody } from './alert-port.ts';
import { idOf } from './ids.ts';

/** What every notice says of itself. */
const NOTE =
  'An observation for a person to look at. It judges nobody, and its findings say what they cannot see.';
/** Findings and nodes named in a notice: the first of them, beside their number. */
const NAMED = 100;

/** What brought about the events of an alert. */
export interface Cause {
  readonly episode: number;
  /** Acts in the alert's history, these among them. */
  readonly number: number;
  readonly act: DoneAct | null;
  readonly finding: Finding | null;
  readonly createdMs: number;
}

/**
 * The notices of an alert's events. Their ids are the same on every replay: alert, event and episode; where people
 * may cause an event several times in an episode, the number of the act.
 */
export function noticesOf(alert: Alert, events: readonly AlertEvent[], cause: Cause): Notice[] {
  const { episode, number, act, finding, createdMs } = cause;
  const named = { ...alert, findings: alert.findings.slice(0, NAMED), nodes: alert.nodes.slice(0, NAMED) };
  const common = {
    note: NOTE,
    simulated: isSimulated(alert.site),
    alert: named,
    counts: { findings: alert.findings.length, nodes: alert.nodes.length },
    act: act && { by: act.by, kind: act.act.kind, reason: reasonOf(act.act) },
    findings: finding ? [finding] : [],
  };
  return events.map((event, index) => ({
    id: idOf('notice', alert.id, event, episode, ...(event === 'escalated' ? [number] : [])),
    alert: alert.id,
    event,
    body: JSON.stringify({ event, ...common } satisfies NoticeBody),
    // Two events at once keep their order.
    createdMs: createdMs + index,
    deliveredMs: null,
  }));
}

function reasonOf(act: Act): string {
  return 'reason' in act ? (act.reason ?? '') : '';
}
