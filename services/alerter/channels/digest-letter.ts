import type { AlertHead } from '#libs/casework/alert-life.ts';
import type { Delivery } from '#libs/ledger/alert-port.ts';
import { SEVERITIES } from '#libs/model/finding.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import type { Digest } from '../digest.ts';
import { firstOf, type Item, type Letter, type Section } from './letter.ts';
import { alertLink, timeText } from './notice-body.ts';

/** Alerts named under one heading; their number is in the facts. */
const NAMED = 50;
const NOTE =
  'Observations for a person to look at. They judge nobody, and each alert says what it cannot see.';

/** A period in one mail. @param consoleUrl base of the links. */
export function digestLetter(digest: Digest, consoleUrl?: string): Letter {
  const { opened, resolved, open, failing, fromMs, toMs } = digest;
  const counts = `${opened.length} opened, ${resolved.length} resolved, ${open.length} open`;
  return {
    subject: `[davylamp] digest: ${counts}`,
    title: counts,
    mark: { text: 'digest', tone: failing.length > 0 ? 'medium' : 'low' },
    lead: `What became of alerts between ${timeText(fromMs)} and ${timeText(toMs)}.`,
    simulated: null,
    facts: failing.length > 0 ? [['Failing', countText(failing.length)]] : [],
    sections: sectionsOf(digest, consoleUrl),
    link: consoleUrl ? { text: 'Open the console', href: consoleUrl } : null,
    note: NOTE,
  };
}

/** The same period again is the same mail; all digests are one thread. */
export function digestId({ fromMs, toMs }: Digest): { id: string; thread: string; date: Date } {
  return { id: `digest-${fromMs}-${toMs}`, thread: 'digests', date: new Date(toMs) };
}

const countText = (count: number): string =>
  count === 1 ? 'one notice did not reach its receiver' : `${count} notices did not reach their receivers`;

function sectionsOf({ opened, resolved, open, failing }: Digest, consoleUrl?: string): Section[] {
  const alerts = (list: readonly AlertHead[]) =>
    firstOf(
      list.toSorted(gravestFirst).map((alert) => alertItem(alert, consoleUrl)),
      NAMED,
    );
  const still: Section = { heading: 'Still open', items: alerts(open), none: 'None.' };
  return [
    { heading: 'Opened', items: alerts(opened), none: 'None.' },
    { heading: 'Resolved', items: alerts(resolved), none: 'None.' },
    still,
    ...(failing.length > 0 ? [failingSection(failing)] : []),
  ];
}

function gravestFirst(a: AlertHead, b: AlertHead): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.openedMs - b.openedMs;
}

function alertItem(alert: AlertHead, consoleUrl?: string): Item {
  const { summary, severity, state, site, openedMs, resolvedMs, assignee } = alert;
  const simulated = isSimulated(site) ? ' (simulated)' : '';
  const end = resolvedMs === null ? '' : `, ended ${timeText(resolvedMs)}`;
  const stands = state === 'open' || state === 'resolved' ? '' : `, ${state}`;
  const keeper = assignee === null ? '' : `, with ${assignee}`;
  return {
    text: `${severity}: ${summary}${simulated}`,
    aside: `began ${timeText(openedMs)}${end}${stands}${keeper}`,
    href: alertLink(consoleUrl, alert.id),
  };
}

function failingSection(failing: readonly Delivery[]): Section {
  const items = failing.map(({ notice, channel, attempts, lastError }) => ({
    text: `${channel}: ${lastError ?? 'no reason is known'}`,
    aside: `${attempts} attempts, ${notice}`,
  }));
  return { heading: 'Deliveries that fail', items: firstOf(items, NAMED), none: 'None.' };
}
