import { expect, test } from 'vitest';
import { FINDING_KINDS } from '#libs/model/finding.ts';
import { digestLetter } from '#services/alerter/channels/digest-letter.ts';
import type { Letter } from '#services/alerter/channels/letter.ts';
import { letterHtml } from '#services/alerter/channels/letter-html.ts';
import { letterText } from '#services/alerter/channels/letter-text.ts';
import { letterOf } from '#services/alerter/channels/notice-letter.ts';
import { aDigest, aFinding, aGround, aNotice, anAlert, OPENED_MS } from './samples.ts';

const CONSOLE = 'https://lamp.example.org';
const bothOf = (letter: Letter): readonly string[] => [letterText(letter), letterHtml(letter)];

test('a subject can be sorted by', () => {
  const subjectOf = (...given: Parameters<typeof aNotice>) => letterOf(aNotice(...given)).subject;
  expect(subjectOf('opened')).toBe('[davylamp] high: deviation on 16 nodes at OSL-1');
  expect(subjectOf('resolved')).toBe('[davylamp] resolved: deviation on 16 nodes at OSL-1');
  expect(subjectOf('escalated')).toBe('[davylamp] escalated, high: deviation on 16 nodes at OSL-1');
  expect(subjectOf('opened', anAlert({ site: 'simulated-hall', severity: 'low' }))).toBe(
    '[davylamp] low: deviation on 16 nodes at simulated-hall (simulated)',
  );
});

test('both parts give grounds, counter-grounds, what is not seen, and the note', () => {
  for (const part of bothOf(letterOf(aNotice(), CONSOLE))) {
    const words = part.replace(/\s+/g, ' ');
    for (const expected of [
      'below 20.0 %',
      'weight +3.2',
      'as checkpoints do',
      'weight −0.8',
      'what runs between two samples',
      'It judges nobody',
      'C: in-band only, continuous, signed up to the last seal; later frames, of 15 minutes at most, are chained and not yet signed',
      '2026-11-22 13:05 UTC',
      'and 8 more',
      `${CONSOLE}/alerts/alert-5f0c`,
    ])
      expect(words).toContain(expected);
  }
});

test('the weightiest grounds come first, and a long list is cut with its number', () => {
  const reasons = Array.from({ length: 20 }, (_, index) => aGround(`ground ${index}`, index / 10));
  const text = letterText(letterOf(aNotice('opened', anAlert(), { findings: [aFinding({ reasons })] })));
  expect(text.indexOf('ground 19')).toBeLessThan(text.indexOf('ground 18'));
  expect(text).toContain('and 8 more');
  expect(text).not.toContain('ground 7 ');
});

test('says that there are no counter-grounds', () => {
  const findings = [aFinding({ counterReasons: [] })];
  for (const part of bothOf(letterOf(aNotice('opened', anAlert(), { findings }))))
    expect(part).toMatch(/Grounds against[\s\S]*None was found\./);
});

test('says who escalated and why', () => {
  const act = { by: 'kari', kind: 'escalate', reason: 'it grows' } as const;
  for (const part of bothOf(letterOf(aNotice('escalated', anAlert(), { act }))))
    expect(part).toContain('escalated by kari: it grows');
});

test('says when it ended', () => {
  const notice = aNotice('resolved', anAlert({ state: 'resolved', resolvedMs: OPENED_MS + 3_600_000 }));
  for (const part of bothOf(letterOf(notice))) expect(part).toMatch(/Ended[\s\S]*14:05 UTC/);
});

test('says simulated where no real machines stand behind it, and only there', () => {
  for (const part of bothOf(letterOf(aNotice('opened', anAlert({ site: 'simulated-hall' })))))
    expect(part).toContain('Simulated: no real machines stand behind this.');
  for (const part of bothOf(letterOf(aNotice()))) expect(part).not.toMatch(/simulated/i);
});

test('has no link without a console', () => {
  for (const part of bothOf(letterOf(aNotice()))) expect(part).not.toMatch(/https?:\/\//);
});

test('shows names as they are, never as HTML', () => {
  const alert = anAlert({ summary: '<img src=x> & "more"', tenant: "<script>alert('x')</script>" });
  const html = letterHtml(letterOf(aNotice('opened', alert)));
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;');
});

test('fetches nothing', () => {
  for (const letter of [letterOf(aNotice()), digestLetter(aDigest())])
    expect(letterHtml(letter)).not.toMatch(/<(img|link|script|iframe)|url\(|@import|src=|https?:/i);
});

test('keeps lines of text within 76 characters where words allow it', () => {
  const text = letterText(letterOf(aNotice()));
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(76);
});

test.each(FINDING_KINDS)('has a sentence for %s', (kind) => {
  const { lead } = letterOf(aNotice('opened', anAlert({ kind })));
  expect(lead).toMatch(/^[A-Z].{20,}\.$/);
});

test('a digest tells what opened, resolved, is open and fails, the gravest first', () => {
  for (const part of bothOf(digestLetter(aDigest(), CONSOLE))) {
    const words = part.replace(/\s+/g, ' ');
    expect(words).toMatch(
      /Opened.*high: deviation.*low: clock.*Resolved.*medium: blind.*\(simulated\).*Still open.*acknowledged, with kari.*Deliveries that fail.*webhook: hooks.example.org.*503.*7 attempts/,
    );
    expect(words).toContain(`${CONSOLE}/alerts/alert-low`);
  }
});

test('a digest of a quiet period says so', () => {
  const letter = digestLetter(aDigest({ opened: [], resolved: [], open: [], failing: [] }));
  expect(letter.subject).toBe('[davylamp] digest: 0 opened, 0 resolved, 0 open');
  for (const part of bothOf(letter)) {
    expect(part.match(/None\./g)).toHaveLength(3);
    expect(part).not.toContain('Deliveries that fail');
  }
});
