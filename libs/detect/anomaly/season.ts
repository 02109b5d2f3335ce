export const SEASONS = ['none', 'day', 'week'] as const;
/** `day`: the 24 hours; `week`: the 24 hours of a working day and of a weekend day. */
export type Season = (typeof SEASONS)[number];

/** Parts of the longest season. */
export const PARTS = 48;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday; days counted from the Saturday before. */
const TO_SATURDAY = 5;

/**
 * The part of the season a moment lies in, 0 … {@link PARTS} − 1; hours of UTC.
 *
 * Worked example: Monday 2026-11-23 at 13:30 → 13, the Sunday before at 13:30 → 37 (`week`) or 13 (`day`).
 */
export function partOf(season: Season, timeMs: number): number {
  const hour = Math.floor((((timeMs % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS);
  if (season !== 'week') return hour;
  const day = (((Math.floor(timeMs / DAY_MS) + TO_SATURDAY) % 7) + 7) % 7;
  return day < 2 ? 24 + hour : hour;
}

/** The same hour of the other kind of day. */
export function otherKindOfDay(part: number): number {
  return part < 24 ? part + 24 : part - 24;
}
