import type { Notice, NoticeBody } from '#libs/ledger/alert-port.ts';
import { SIMULATED } from './letter.ts';
import { actSentence, alertLink, byWeight, KIND_SENTENCES, readBody } from './notice-body.ts';

/** An alert as Alertmanager's v2 API takes and gives it; times in RFC 3339. */
export interface Posted {
  /** Together they are its identity there. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/**
 * Told every minute, it ends by itself when it was not told for a quarter of an hour: a restart of the alerter ends
 * nothing, and what was resolved in its absence does not stay for ever.
 */
const LASTS_MS = 900_000;

/** @param nowMs event times ahead of it are taken as now: to Alertmanager an end that lies ahead is no end. */
export function postedOf(notice: Notice, nowMs: number, consoleUrl?: string): Posted {
  const body = readBody(notice);
  const { alert } = body;
  const isOver = notice.event === 'resolved';
  const endMs = isOver ? Math.min(alert.resolvedMs ?? nowMs, nowMs) : nowMs + LASTS_MS;
  const link = alertLink(consoleUrl, alert.id);
  return {
    labels: labelsOf(body),
    annotations: annotationsOf(body),
    startsAt: new Date(Math.min(alert.openedMs, endMs, nowMs)).toISOString(),
    endsAt: new Date(endMs).toISOString(),
    ...(link ? { generatorURL: link } : {}),
  };
}

/** Ends what is known of the same alert under other labels: its severity was another. */
export function endedOf(known: readonly Posted[], posted: Posted, nowMs: number): readonly Posted[] {
  const identity = identityOf(posted);
  const endsAt = new Date(nowMs).toISOString();
  return known
    .filter((other) => identityOf(other) !== identity)
    .map(({ labels, annotations, startsAt }) => ({ labels, annotations, startsAt, endsAt }));
}

const identityOf = ({ labels }: Posted): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** An empty label is no label to Alertmanager: without a tenant there is none. */
function labelsOf({ alert, simulated }: NoticeBody): Record<string, string> {
  const { id, kind, severity, site, tenant } = alert;
  return {
    alertname: `Davylamp${inCapitals(kind)}`,
    alert_id: id,
    kind,
    severity,
    site,
    simulated: String(simulated),
    ...(tenant === null ? {} : { tenant }),
  };
}

/** `blind with load` → `BlindWithLoad`. */
function inCapitals(kind: string): string {
  return kind.replace(/(?:^|[ -])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function annotationsOf(body: NoticeBody): Record<string, string> {
  const { alert, simulated, note, findings } = body;
  const [newest] = findings;
  const act = actSentence(body);
  const grounds = newest ? byWeight(newest.reasons).map(({ text }) => text) : [];
  const sentences = [simulated ? SIMULATED : '', KIND_SENTENCES[alert.kind], act && `It was ${act}.`, note];
  return {
    summary: `${alert.summary}${simulated ? ' (simulated)' : ''}`,
    description: sentences.filter(Boolean).join(' '),
    ...(grounds.length > 0 ? { grounds: grounds.join('\n') } : {}),
    ...(newest && newest.unseen.length > 0 ? { cannot_see: newest.unseen.join('\n') } : {}),
  };
}
