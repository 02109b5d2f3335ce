import { expect, test } from 'vitest';
import { coverOf, covers, isActive } from '#libs/casework/silences.ts';
import type { Silence } from '#libs/model/silence.ts';

const aSilence = (given: Partial<Silence> = {}): Silence => ({
  id: 's1',
  purpose: 'silence',
  scope: { site: 'hall' },
  fromMs: 100,
  untilMs: 200,
  reason: 'known',
  by: 'alex',
  createdMs: 0,
  endedMs: null,
  endedBy: null,
  ...given,
});
const subject = { id: 'a', site: 'hall', tenant: 'tenant', kind: 'deviation' } as const;

test('a silence holds from its beginning up to its end, or until a person ends it', () => {
  expect([99, 100, 199, 200].map((ms) => isActive(aSilence(), ms))).toEqual([false, true, true, false]);
  const ended = aSilence({ endedMs: 150 });
  expect([149, 150].map((ms) => isActive(ended, ms))).toEqual([true, false]);
});

test.each([
  [{ alert: 'a' }, true],
  [{ alert: 'b' }, false],
  [{ site: 'hall', kind: 'deviation' }, true],
  [{ site: 'hall', kind: 'clock' }, false],
  [{ tenant: 'tenant' }, true],
  [{ tenant: 'another' }, false],
  [{ nodes: ['n1', 'n2', 'n3'] }, true],
  [{ nodes: ['n1'] }, false],
] as const)('the scope %j covers an alert with open findings on n1 and n2: %s', (scope, expected) => {
  expect(covers(scope, subject, ['n1', 'n2'])).toBe(expected);
});

test('a scope of nodes covers no alert whose findings have ended, nor of a tenant one without', () => {
  expect(covers({ nodes: ['n1'] }, subject, [])).toBe(false);
  expect(covers({ tenant: 'tenant' }, { ...subject, tenant: null }, ['n1'])).toBe(false);
});

test('of several silences the one that lasts longest counts', () => {
  const [short, long] = [aSilence(), aSilence({ id: 's2', untilMs: 300 })];
  const elsewhere = aSilence({ id: 's3', untilMs: 900, scope: { site: 'yard' } });
  expect(coverOf([short, long, elsewhere], subject, [], 150)).toBe(long);
  expect(coverOf([elsewhere], subject, [], 150)).toBeNull();
});
