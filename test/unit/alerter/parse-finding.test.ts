import { describe, expect, test } from 'vitest';
import { MalformedFindingError, parseFinding } from '#services/alerter/parse-finding.ts';
import { aFinding } from './world.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('a finding is read as it was written', () => {
  const finding = aFinding({
    onset: { fromMs: 1, toMs: 2 },
    tenant: null,
    assessments: [{ windowEndMs: 1, revision: 'r' }],
  });
  expect(parseFinding(bytes(finding))).toEqual(finding);
});

describe('what is no finding is refused with the field and the reason', () => {
  test.each([
    ['a missing identity', { ...aFinding(), id: undefined }, /^id: /],
    ['an empty cause', { ...aFinding(), cause: '' }, /^cause: /],
    ['a kind that nobody knows', { ...aFinding(), kind: 'wizardry' }, /^kind: /],
    ['a time that is no integer', { ...aFinding(), updatedMs: 1.5 }, /^updatedMs: /],
    [
      'a weight that is no number',
      { ...aFinding(), reasons: [{ ...aFinding().reasons[0], weight: null }] },
      /^reasons.0.weight: /,
    ],
    ['an array', [aFinding()], /^message: /],
    ['null', null, /^message: /],
  ])('%s', (_what, value, reason) => {
    expect(() => parseFinding(bytes(value))).toThrow(MalformedFindingError);
    expect(() => parseFinding(bytes(value))).toThrow(reason);
  });

  test('bytes that are no UTF-8', () => {
    expect(() => parseFinding(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(/expected JSON in UTF-8/);
  });
});
