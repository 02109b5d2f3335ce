import { expect, test } from 'vitest';
import { Places } from '#services/gateway/places.ts';
import { Refusal } from '#services/gateway/replies.ts';

test('one holder has a few places, and others the rest', () => {
  const places = new Places(3, 2);
  const [first] = [places.take('a'), places.take('a')];
  expect(() => places.take('a')).toThrow(/2 requests of yours/);
  places.take('b');
  expect(() => places.take('c')).toThrow(/3 requests in hand/);
  expect(() => places.take('c')).toThrow(Refusal);
  first?.();
  places.take('c');
});

test('a place that is given back is free for anybody', () => {
  const places = new Places(1, 1);
  for (const holder of ['a', 'a', 'b', 'c']) places.take(holder)();
  places.take('d');
  expect(() => places.take('a')).toThrow(Refusal);
});
