import { expect, test } from 'vitest';
import { mergeScopes } from '#libs/series/scopes.ts';

test('scopes of a node that touch or overlap become one; empty ones go; nodes stay apart', () => {
  const scope = (node: string, fromMs: number, toMs: number) => ({ node, fromMs, toMs });
  expect(
    mergeScopes([
      scope('b', 5, 9),
      scope('a', 20, 30),
      scope('a', 0, 10),
      scope('a', 10, 12),
      scope('a', 2, 4),
      scope('b', 3, 3),
      scope('c', 9, 1),
    ]),
  ).toEqual([scope('a', 0, 12), scope('a', 20, 30), scope('b', 5, 9)]);
});
