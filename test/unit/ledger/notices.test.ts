import { expect, test } from 'vitest';
import { idOf } from '#libs/ledger/ids.ts';
import { noticesOf } from '#libs/ledger/notices.ts';
import type { Alert } from '#libs/model/alert.ts';
import { aFinding } from '#test/contract/ledger/samples.ts';

const finding = aFinding();
const names = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const alert: Alert = {
  id: 'alert-1',
  cause: finding.cause,
  state: 'open',
  severity: 'medium',
  site: 'hall-1',
  tenant: 'tenant-1',
  openedMs: 1_000,
  updatedMs: 2_000,
  resolvedMs: null,
  findings: names(250, 'f'),
  nodes: names(120, 'n'),
  summary: 'deviation on 120 nodes at hall-1',
};

test('a notice has the same identity on every replay, and another in another episode or of another event', () => {
  const idsOf = (episode: number, nowMs: number) =>
    noticesOf(alert, episode, ['opened', 'resolved'], finding, nowMs).map(({ id }) => id);
  expect(idsOf(1, 5)).toEqual(idsOf(1, 6));
  expect(new Set([...idsOf(1, 5), ...idsOf(2, 5)]).size).toBe(4);
});

test('two events at once keep their order', () => {
  const created = noticesOf(alert, 1, ['opened', 'resolved'], finding, 5).map(({ createdMs }) => createdMs);
  expect(created).toEqual([5, 6]);
});

test('a notice of a large alert names the first hundred and counts them all', () => {
  const [notice] = noticesOf(alert, 1, ['opened'], finding, 5);
  const body = JSON.parse(notice?.body ?? '') as { alert: Alert; counts: unknown; findings: unknown };
  expect([body.alert.findings.length, body.alert.nodes.length]).toEqual([100, 100]);
  expect(body.counts).toEqual({ findings: 250, nodes: 120 });
  expect(body.findings).toEqual([finding]);
});

test('an identity is fit for a job: letters, digits and a hyphen', () => {
  expect(idOf('notice', 'a', 1)).toMatch(/^notice-[0-9a-f]{32}$/);
  expect(idOf('notice', 'a', 'b')).not.toBe(idOf('notice', 'ab'));
});

test('a notice accuses nobody, and says what its finding cannot see', () => {
  const [notice] = noticesOf(alert, 1, ['opened'], finding, 5);
  expect(notice?.body).not.toMatch(/illegal|guilty|fraud|crime|offen[cs]e/i);
  expect(notice?.body).toContain(finding.unseen[0]);
});
