import { expect, test } from 'vitest';
import { Attempts } from '#services/console/api/attempts.ts';
import { Refusal } from '#services/console/api/problem.ts';

const tries = (attempts: Attempts, name: string, address: string, count: number) => {
  for (let done = 0; done < count; done++) attempts.begin(name, address);
};

test('a name has its attempts from each address', () => {
  const attempts = new Attempts(2, () => 0);
  tries(attempts, 'ann', 'a', 2);
  expect(() => attempts.begin('ann', 'a')).toThrow(Refusal);
  tries(attempts, 'ann', 'b', 2);
  tries(attempts, 'bob', 'a', 2);
});

test('what is taken back does not count', () => {
  const attempts = new Attempts(2, () => 0);
  for (let done = 0; done < 100; done++) attempts.begin('ann', 'a')();
  tries(attempts, 'ann', 'a', 2);
});

test('an address has ten times as many over all names', () => {
  const attempts = new Attempts(2, () => 0);
  for (let name = 0; name < 20; name++) attempts.begin(`name ${name}`, 'a');
  expect(() => attempts.begin('ann', 'a')).toThrow(/too many wrong passwords/);
  attempts.begin('ann', 'b');
});

test('addresses of one customer count as one, in IPv6 and in IPv4 written as such', () => {
  const attempts = new Attempts(1, () => 0);
  attempts.begin('ann', '2001:db8:1:2::1');
  expect(() => attempts.begin('ann', '2001:db8:1:2:ffff::9')).toThrow(Refusal);
  attempts.begin('ann', '2001:db8:1:3::1');
  attempts.begin('ann', '::ffff:10.0.0.1');
  expect(() => attempts.begin('ann', '10.0.0.1')).toThrow(Refusal);
});

test('after a minute it begins anew, and says when', () => {
  let nowMs = 500_000;
  const attempts = new Attempts(1, () => nowMs);
  const takeBack = attempts.begin('ann', 'a');
  nowMs += 18_000;
  expect(() => attempts.begin('ann', 'a')).toThrow(/in 42 s/);
  nowMs += 42_000;
  attempts.begin('ann', 'a');
  // Of the minute before: it must not free a place in this one.
  takeBack();
  expect(() => attempts.begin('ann', 'a')).toThrow(Refusal);
});
