import { expect, test } from 'vitest';
import { table, when } from '#services/cli/output.ts';

test('numbers stand right, words left, and an empty table says so', () => {
  expect(
    table(
      ['node', 'sent'],
      [
        ['a', 1],
        ['longer', 12_345],
      ],
    ),
  ).toBe('node      sent\na            1\nlonger  12,345');
  expect(table(['node'], [])).toBe('(none)');
});

test('a time is ISO to the second, or a dash', () => {
  expect(when(0)).toBe('1970-01-01T00:00:00Z');
  expect(when(null)).toBe('–');
});
