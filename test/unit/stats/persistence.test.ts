import { expect, test } from 'vitest';
import { absentFor, persists } from '#libs/stats/persistence.ts';

const held = (text: string) => text.split('').map((letter) => letter === 'x');

test.each([
  ['x.xx', true], // the worked example
  ['xx.x', true],
  ['xx..', false],
  ['xxxx..', false], // only the last four count
  ['xxx', true], // fewer windows than n
  ['xx', false],
  ['', false],
])('3 of 4 holds in %s: %s', (text, expected) => {
  expect(persists(held(text), 3, 4)).toBe(expected);
});

test.each([
  ['x.....', true],
  ['x....', false],
  ['....', false],
  ['.....', true],
])('absent for 5 in %s: %s', (text, expected) => {
  expect(absentFor(held(text), 5)).toBe(expected);
});
