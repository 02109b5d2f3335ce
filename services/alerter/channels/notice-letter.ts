import type { Notice, NoticeBody } from '#libs/ledger/alert-port.ts';
import type { Ground } from '#libs/model/assessment.ts';
import { GRADES } from '#libs/model/behaviour.ts';
import type { Finding } from '#libs/model/finding.ts';
import { type Fact, firstOf, type Item, type Letter, type Section, SIMULATED } from './letter.ts';
import { actSentence, alertLink, byWeight, KIND_SENTENCES, readBody, timeText } from './notice-body.ts';

const GROUNDS = 12;
const NODES = 8;

/** What a notice tells a person by mail. @param consoleUrl base of the link. */
export function letterOf(notice: Notice, consoleUrl?: string): Letter {
  const body = readBody(notice);
  const { alert, simulated, findings } = body;
  const [newest] = findings;
  const href = alertLink(consoleUrl, alert.id);
  return {
    subject: `[davylamp] ${markOf(notice, body)}: ${alert.summary}${simulated ? ' (simulated)' : ''}`,
    title: sentence(alert.summary),
    mark: {
      text: markOf(notice, body),
      tone: notice.event === 'resolved' ? 'info' : alert.severity,
    },
    lead: `${KIND_SENTENCES[alert.kind]}${notice.event === 'resolved' ? ' It is over.' : ''}`,
    simulated: simulated ? SIMULATED : null,
    facts: factsOf(body, newest),
    sections: newest ? sectionsOf(newest) : [],
    link: href ? { text: 'Open the alert in the console', href } : null,
    note: body.note,
  };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function markOf({ event }: Notice, { alert }: NoticeBody): string {
  if (event === 'opened') return alert.severity;
  return event === 'resolved' ? 'resolved' : `escalated, ${alert.severity}`;
}

function factsOf(body: NoticeBody, newest: Finding | undefined): Fact[] {
  const { alert } = body;
  const act = actSentence(body);
  const facts: (Fact | false)[] = [
    act !== '' && ['Act', act],
    ['Severity', alert.severity],
    ['Site', alert.site],
    ['Tenant', alert.tenant ?? 'none'],
    ['Nodes', nodesText(body)],
    ['Began', timeText(alert.openedMs)],
    alert.resolvedMs !== null && ['Ended', timeText(alert.resolvedMs)],
    alert.assignee !== null && ['With', alert.assignee],
    newest !== undefined && ['Trust', `${newest.grade}: ${GRADES[newest.grade]}`],
    newest?.onset != null && [
      'Onset',
      `between ${timeText(newest.onset.fromMs)} and ${timeText(newest.onset.toMs)}`,
    ],
  ];
  return facts.filter((fact) => fact !== false);
}

function nodesText({ alert, counts }: NoticeBody): string {
  const named = alert.nodes.slice(0, NODES).join(', ');
  const more = counts.nodes - Math.min(alert.nodes.length, NODES);
  return more > 0 ? `${counts.nodes}: ${named} and ${more} more` : named;
}

function sectionsOf({ node, reasons, counterReasons, unseen }: Finding): Section[] {
  return [
    { heading: `Grounds, as seen on ${node}`, items: itemsOf(reasons), none: 'None is left.' },
    { heading: 'Grounds against', items: itemsOf(counterReasons), none: 'None was found.' },
    { heading: 'What this cannot see', items: unseen.map((text) => ({ text })), none: 'Nothing is named.' },
  ];
}

function itemsOf(grounds: readonly Ground[]): readonly Item[] {
  const items = byWeight(grounds).map(({ text, weight }) => ({ text, aside: weightText(weight) }));
  return firstOf(items, GROUNDS);
}

/** In nats, with its sign: for a look at it, or against. */
function weightText(weight: number): string {
  return `weight ${weight < 0 ? '−' : '+'}${Math.abs(weight).toFixed(1)}`;
}
