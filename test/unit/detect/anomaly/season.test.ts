import { expect, test } from 'vitest';
import { otherKindOfDay, partOf, type Season } from '#libs/detect/anomaly/season.ts';

test.each<[string, Season, number]>([
  ['2026-11-23T13:30:00Z', 'week', 13],
  ['2026-11-22T13:30:00Z', 'week', 37],
  ['2026-11-21T00:00:00Z', 'week', 24],
  ['2026-11-20T23:59:59Z', 'week', 23],
  ['2026-11-22T13:30:00Z', 'day', 13],
  ['1969-12-28T05:00:00Z', 'week', 29],
])('%s in a season of a %s is part %d', (time, season, part) => {
  expect(partOf(season, Date.parse(time))).toBe(part);
});

test('the other kind of day has the same hours, and its other is the first again', () => {
  expect([otherKindOfDay(13), otherKindOfDay(37)]).toEqual([37, 13]);
});
