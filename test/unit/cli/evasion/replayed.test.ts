import { expect, test } from 'vitest';
import { replays } from '#services/cli/evaluate/evasion/replayed.ts';

const ALL = replays(1);
const way = (name: string) => ALL.find((one) => one.way === name);

test('the same bytes again count as nothing new: the node goes blind while a meter shows load', () => {
  const { fates, findings, behindMinutes } = way('training-data-parallel: the same bytes') ?? {};
  expect(Object.keys(fates ?? {}).sort()).toEqual(['duplicate', 'late']);
  expect(findings).toEqual(['blind with load']);
  expect(behindMinutes).toBe(30);
});

test('old times give it away whatever the chain says', () => {
  const one = way('training-data-parallel: new numbers and chain');
  expect(one?.fates.late).toBeGreaterThan(150);
  expect(one?.findings).toEqual(['blind with load', 'clock']);
});

test('a seal by another key is a contradiction, and none at all takes the grade down', () => {
  expect(way('training-data-parallel: all new, another key')).toMatchObject({ findings: ['clone'] });
  expect(way('training-data-parallel: all new, another key')?.grades).toContain('X');
  expect(way('training-data-parallel: all new, no seal')?.grades).toContain('D');
});

test('whoever holds the node’s own key passes every check in band; only a meter knows, if the power differs', () => {
  expect(way('training-data-parallel: all new, own key')).toMatchObject({
    fates: { taken: 180 },
    grades: ['C'],
    findings: [],
    minutesToMismatch: null,
  });
  const asIdle = way('idle: all new, own key');
  expect(asIdle).toMatchObject({ fates: { taken: 180 }, grades: ['C'], findings: ['energy mismatch'] });
  expect(asIdle?.minutesToMismatch).toBeLessThanOrEqual(15);
});
