import { expect, test } from 'vitest';
import { idOf } from '#libs/ledger/ids.ts';
import { type Cause, noticesOf } from '#libs/ledger/notices.ts';
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
  kind: 'deviation',
  assignee: null,
  site: 'hall-1',
  tenant: 'tenant-1',
  openedMs: 1_000,
  updatedMs: 2_000,
  resolvedMs: null,
  findings: names(250, 'f'),
  nodes: names(120, 'n'),
  summary: 'deviation on 120 nodes at hall-1',
};

const cause: Cause = { episode: 1, number: 0, act: null, finding, createdMs: 5 };

test('a notice has the same identity on every replay, and another in another episode or of another event', () => {
  const idsOf = (given: Partial<Cause>) =>
    noticesOf(alert, ['opened', 'resolved'], { ...cause, ...given }).map(({ id }) => id);
  expect(idsOf({ createdMs: 5 })).toEqual(idsOf({ createdMs: 6, number: 7 }));
  expect(new Set([...idsOf({ episode: 1 }), ...idsOf({ episode: 2 })]).size).toBe(4);
});

test('escalations within an episode are told apart by their act', () => {
  const idOfAct = (number: number) => noticesOf(alert, ['escalated'], { ...cause, number })[0]?.id;
  expect(idOfAct(1)).not.toBe(idOfAct(2));
});

test('a notice of a simulated site says so', () => {
  const bodyOf = (site: string) =>
    JSON.parse(noticesOf({ ...alert, site }, ['opened'], cause)[0]?.body ?? '') as unknown;
  expect(bodyOf('simulated-hall')).toMatchObject({ simulated: true });
  expect(bodyOf('hall')).toMatchObject({ simulated: false });
});

test('two events at once keep their order', () => {
  const created = noticesOf(alert, ['opened', 'resolved'], cause).map(({ createdMs }) => createdMs);
  expect(created).toEqual([5, 6]);
});

test('a notice of a large alert names the first hundred and counts them all', () => {
  const [notice] = noticesOf(alert, ['opened'], cause);
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
  const [notice] = noticesOf(alert, ['opened'], cause);
  expect(notice?.body).not.toMatch(/illegal|guilty|fraud|crime|offen[cs]e/i);
  expect(notice?.body).toContain(finding.unseen[0]);
});
