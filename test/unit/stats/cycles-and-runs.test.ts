import { expect, test } from 'vitest';
import { expectedAt, learnAt } from '#libs/stats/cyclic-profile.ts';
import { RUN, runSurprise } from '#libs/stats/runs.ts';

test('the worked example: four values of 10 are half believed', () => {
  const [means, counts] = [new Float32Array(3), new Uint8Array(3)];
  for (let i = 0; i < 4; i++) learnAt(means, counts, 1, 10, 60);
  expect(expectedAt(means, counts, 1, 4, 0)).toBe(5);
  expect(expectedAt(means, counts, 2, 4, 7)).toBe(7);
});

test('a part of the cycle forgets at the pace of its memory', () => {
  const [means, counts] = [new Float32Array(1), new Uint8Array(1)];
  for (let i = 0; i < 500; i++) learnAt(means, counts, 0, 10, 20);
  for (let i = 0; i < 60; i++) learnAt(means, counts, 0, 0, 20);
  expect(means[0]).toBeLessThan(10 * 0.95 ** 59);
  expect(counts[0]).toBe(20);
});

/** Surprises of a series of repeats (true) and changes. */
function surprises(repeats: readonly boolean[]): number[] {
  const data = new Float32Array(RUN);
  return repeats.map((repeated) => runSurprise(data, 0, repeated, 1.5, 5));
}

const times = (count: number, repeated: boolean) => new Array<boolean>(count).fill(repeated);

test('the worked example: seven repeats after 98 values that all differed', () => {
  const last = surprises([...times(98, false), ...times(7, true)]).at(-1);
  expect(last).toBeCloseTo(-2 * Math.log(8 / 107), 5);
});

test('a series that never moved is not suspicious', () => {
  expect(Math.max(...surprises([false, ...times(5000, true)]))).toBeLessThan(2);
});

test('runs as long as those seen before are usual, much longer ones are not', () => {
  const day = [false, ...times(50, true), ...times(100, false)];
  const seen = [...day, ...day, ...day];
  expect(Math.max(...surprises([...seen, false, ...times(50, true)]).slice(-51))).toBe(0);
  expect(surprises([...seen, false, ...times(120, true)]).at(-1)).toBeGreaterThan(20);
});
