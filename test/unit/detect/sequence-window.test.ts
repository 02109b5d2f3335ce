import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admit, SEQUENCE_WINDOW } from '#libs/detect/sequence-window.ts';

test('every number within 64 of the highest is new exactly once, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 300 }), (numbers) => {
      const data = new Float64Array(SEQUENCE_WINDOW);
      const seen = new Set<number>();
      let highest = 0;
      for (const number of numbers) {
        const known = seen.has(number) ? 'seen' : 'new';
        expect(admit(data, 0, number)).toBe(highest - number >= 64 ? 'old' : known);
        seen.add(number);
        highest = Math.max(highest, number);
      }
    }),
  );
});

test('a jump of more than the window forgets all behind it', () => {
  const data = new Float64Array(SEQUENCE_WINDOW);
  expect(admit(data, 0, 5)).toBe('new');
  expect(admit(data, 0, 1e12)).toBe('new');
  expect(admit(data, 0, 1e12 - 63)).toBe('new');
  expect(admit(data, 0, 5)).toBe('old');
});
