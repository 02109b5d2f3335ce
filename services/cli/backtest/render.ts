import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import { table, when } from '../output.ts';
import type { Outcome, VersionOutcome } from './compare.ts';
import type { Changed, Found } from './finding-book.ts';
import type { NodeTally, Turn } from './window-tally.ts';

/** Rows that are shown to a person; all are in the JSON. */
const SHOWN_FINDINGS = 50;
const SHOWN_NODES = 20;
const SHOWN_TURNS = 8;
const REASON_WIDTH = 72;

/** A backtest for a person: what differs first, then how often people would have been called. */
export function render({ source, versions, findings, windows }: Outcome): string {
  const total = windows.nodes.reduce((sum, node) => sum + node.windows, 0);
  const { a, b } = versions;
  return [
    `${versionLine(a)}\n${versionLine(b)}`,
    `Put through: ${source.words}; ${count(source.messages, 'message')} of ${count(windows.nodes.length, 'node')}, ${count(total, 'window')}.`,
    section('Findings only in A (lost)', foundTable(findings.onlyA)),
    section('Findings only in B (gained)', foundTable(findings.onlyB)),
    section('Findings in both that differ', changedTable(findings.changed)),
    `Findings that are the same in both: ${findings.same} (A has ${a.findings}, B has ${b.findings}).`,
    section('Windows whose verdict changed, by node', nodeTable(windows.nodes)),
    ...(windows.turns.length === 0 ? [] : [section('… from A to B', turnTable(windows.turns))]),
    section('Alerts, as if every one were a false alarm', rateTable([a, b])),
    rateNote(source, a, b),
    section('What this cannot see', source.unseen.map((text) => `- ${text}`).join('\n')),
  ].join('\n\n');
}

function versionLine({ name, origin, changed }: VersionOutcome): string {
  const numbers = changed.map((one) => `${one.name} ${one.shipped} → ${one.value}`).join(', ');
  return `${name}  parameters ${origin.parameters}${numbers === '' ? '' : ` (${numbers})`}, model ${origin.model}`;
}

function section(title: string, body: string): string {
  return `${title}\n${body}`;
}

function foundTable(found: readonly Found[]): string {
  const rows = found.map((one) => [
    one.node,
    siteOf(one),
    one.kind,
    one.severity,
    when(one.openedMs),
    when(one.foundMs),
    when(one.closedMs),
    shorten(one.reason ?? ''),
  ]);
  const head = ['node', 'site', 'kind', 'severity', 'began', 'found', 'ended', 'reason'];
  return firstRows(head, rows, SHOWN_FINDINGS, 'finding');
}

/** What differs, as `in A → in B`. */
function changedTable(changed: readonly Changed[]): string {
  const rows = changed.map(({ a, b }) => [
    a.node,
    siteOf(a),
    a.kind,
    turn(when(a.openedMs), when(b.openedMs)),
    turn(a.severity, b.severity),
    turn(when(a.foundMs), when(b.foundMs)),
    turn(onsetOf(a), onsetOf(b)),
  ]);
  const head = ['node', 'site', 'kind', 'began', 'severity', 'found', 'onset'];
  return firstRows(head, rows, SHOWN_FINDINGS, 'finding');
}

function nodeTable(nodes: readonly NodeTally[]): string {
  const changes = (node: NodeTally) => node.conformity + node.behaviour + node.onlyA + node.onlyB;
  const changed = nodes.filter((node) => changes(node) > 0).sort((x, y) => changes(y) - changes(x));
  const rows = changed.map((one) => [
    one.node,
    one.windows,
    one.conformity,
    one.behaviour,
    one.onlyA,
    one.onlyB,
  ]);
  const head = ['node', 'windows', 'conformity', 'behaviour', 'only in A', 'only in B'];
  return firstRows(head, rows, SHOWN_NODES, 'node');
}

function firstRows(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  shown: number,
  noun: string,
): string {
  const body = table(head, rows.slice(0, shown));
  return rows.length > shown
    ? `${body}\n… and ${count(rows.length - shown, `more ${noun}`)}: see --json`
    : body;
}

function turnTable(turns: readonly Turn[]): string {
  const rows = turns
    .slice(0, SHOWN_TURNS)
    .map(({ axis, a, b, windows }) => [axis, `${inWords(axis, a)} → ${inWords(axis, b)}`, windows]);
  return table(['axis', 'from → to', 'windows'], rows);
}

function rateTable(versions: readonly VersionOutcome[]): string {
  const rows = versions.map(({ name, rate }) => {
    const per = rate.perThousandNodesAndWeek;
    return [
      name,
      rate.alerts,
      rate.nodeWeeks.toPrecision(3),
      per === null ? '–' : round(per.rate),
      per === null ? '–' : `${round(per.low)} to ${round(per.high)}`,
    ];
  });
  return table(['', 'alerts', 'node-weeks', 'per 1,000 nodes and week', '95 % interval'], rows);
}

function rateNote(source: Outcome['source'], a: VersionOutcome, b: VersionOutcome): string {
  const lines = [
    `Interval: ${a.rate.interval}, of a count; alerts of one cause are one, and sister nodes still go together, so it is rather too narrow.`,
  ];
  if (source.labelled > 0)
    lines.push(
      `${count(source.labelled, 'node')} with rows labelled as proof-of-work are left out of these rates.`,
    );
  else lines.push('No labels say which alerts are false: what nobody declared may be among them.');
  const right = ({ name, rate }: VersionOutcome) => {
    const shares = rate.rightAtOneInThousand;
    return shares === null
      ? `${name} –`
      : `${name} ${percent(shares.atRate)} (at the upper end of its interval ${percent(shares.atHigh)})`;
  };
  lines.push(
    `Base rate: if all of these were false, and each week one node in 1,000 began to mine and was found, so many alerts would be right: ${right(a)}, ${right(b)}.`,
  );
  return lines.join('\n');
}

function siteOf({ site }: Pick<Found, 'site'>): string {
  return isSimulated(site) ? `${site} (simulated)` : site;
}

function onsetOf({ onset }: Found): string {
  return onset === null ? '–' : `${when(onset.fromMs)} to ${when(onset.toMs)}`;
}

function turn(a: string, b: string): string {
  return a === b ? a : `${a} → ${b}`;
}

function inWords(axis: Turn['axis'], word: string): string {
  return axis === 'behaviour' ? `${word} ${BEHAVIOURS[word as Behaviour]}` : word;
}

function shorten(text: string): string {
  return text.length <= REASON_WIDTH ? text : `${text.slice(0, REASON_WIDTH - 1)}…`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-GB')} ${noun}${number === 1 ? '' : 's'}`;
}

function round(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}

function percent(ratio: number): string {
  return `${round(100 * ratio)} %`;
}
