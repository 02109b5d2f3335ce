import { expect, test } from 'vitest';
import { gpusIn, heaviestOf } from '#services/console/web/node/entities.ts';

const ground = (rule: string, weight: number, text: string) => ({
  ...{ rule, weight, text, metric: null, observed: null, expected: null },
});
const GROUNDS = [
  ground('envelope', 2, 'gpu power watts of gpu2 was 641 W, above the declared maximum of 420 W'),
  ground('behaviour', 3, 'SM activity of gpu5 was 99.0 %: …'),
  ground('own-past', 4, 'cpu utilization ratio of host was 99.2 %; its own past lies at 41.0 %'),
  ground('peers', 5, 'gpu power watts was 641 W; 7 peers lie at 420 W'),
];

test('the heaviest ground that names an entity says where to look', () => {
  expect(heaviestOf(GROUNDS, ['host', 'gpu2', 'gpu5'])).toBe('host');
  expect(heaviestOf(GROUNDS, ['gpu2', 'gpu5'])).toBe('gpu5');
  expect(heaviestOf(GROUNDS, [])).toBeNull();
  expect(heaviestOf([ground('own-past', -1, 'gpu power watts of gpu1 was 300 W')], ['gpu1'])).toBeNull();
});

test('GPUs outside the declaration are those that the bounds and the evidence name', () => {
  expect(gpusIn(GROUNDS)).toEqual(['gpu2', 'gpu5']);
});
