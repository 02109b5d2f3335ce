import { expect, test } from 'vitest';
import { type Clustered, clusteredArea } from '#services/cli/evaluate/traces/cluster-bootstrap.ts';

const cluster = (name: string, ...scores: readonly number[]): Clustered[] =>
  scores.map((score) => ({ cluster: name, score }));

test('what lies above everything else is told apart, however clusters are drawn', () => {
  const area = clusteredArea([...cluster('a', 3, 4), ...cluster('b', 5)], cluster('c', 1, 2));
  expect(area).toEqual({ share: 1, low: 1, high: 1 });
});

test('windows of one cluster add no certainty: it is drawn whole or not at all', () => {
  const positive = [
    ...cluster('a', ...new Array<number>(50).fill(3)),
    ...cluster('b', ...new Array<number>(50).fill(1)),
  ];
  const negative = [...cluster('c', 2), ...cluster('d', 2)];
  const { share, low, high } = clusteredArea(positive, negative);
  expect(share).toBe(0.5);
  expect(low).toBe(0);
  expect(high).toBe(1);
});

test('the same scores give the same interval', () => {
  const positive = [...cluster('a', 1, 5), ...cluster('b', 4)];
  const negative = [...cluster('c', 2, 3), ...cluster('d', 6)];
  expect(clusteredArea(positive, negative)).toEqual(clusteredArea(positive, negative));
});
