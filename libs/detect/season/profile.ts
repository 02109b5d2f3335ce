/** Hours of a week. */
export const HOURS = 168;
/** Bytes of one metric's week: the level of each hour, then its spread. */
export const PROFILE_WIDTH = 2 * HOURS;

/** Steps of the codes, in smallest spreads: half of one for a level, a quarter for a spread. */
const LEVELS_A_SPREAD = 2;
const CODES_A_SPREAD = 4;
const LARGEST = 255;
/** 1970 began on a Thursday: hour 72 of a week from Monday. */
const THURSDAY = 72;

/**
 * Hour of the week, 0 … 167 from Monday 00:00 UTC. A site's time zone is not known: where the clock changes twice a
 * year, what is done by local time moves by one hour, which is why the neighbouring hours count as usual too.
 * @param hour hours since 1970, ≥ 0
 */
export function hourOfWeek(hour: number): number {
  return (hour + THURSDAY) % HOURS;
}

/**
 * Takes the mean and standard deviation of an hour's windows into its part of the week, both counted in smallest
 * spreads ({@link toSpreads}): two bytes an hour. The weeks are pooled with equal weights, the distance between
 * their means being part of the spread.
 *
 * Source: Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
 * Stanford STAN-CS-79-773 (1979), eq. 2.1, for groups of one size.
 * Worked example: mean 10 and deviation 1 in the first week, 14 and 1 in the second → level 12, spread √5 = 2.24,
 * kept as 2.25.
 * @param week 1 for the first
 */
export function foldHour(
  bytes: Uint8Array,
  at: number,
  part: number,
  week: number,
  mean: number,
  sd: number,
): void {
  const known = knows(bytes, at, part);
  const before = known ? levelAt(bytes, at, part) : mean;
  const spread = known ? spreadAt(bytes, at, part) : sd;
  const weeks = known ? week : 1;
  const apart = mean - before;
  const squares = (weeks - 1) * spread * spread + sd * sd + (apart * apart * (weeks - 1)) / weeks;
  const level = 1 + Math.round(LEVELS_A_SPREAD * (before + apart / weeks));
  bytes[at + part] = Math.max(1, Math.min(LARGEST, level));
  bytes[at + HOURS + part] = Math.min(LARGEST, Math.ceil(CODES_A_SPREAD * Math.sqrt(squares / weeks)));
}

/** Whether the hour was ever learnt. */
export function knows(bytes: Uint8Array, at: number, part: number): boolean {
  return bytes[at + part] !== 0;
}

/** Level of an hour that is known, in smallest spreads. */
export function levelAt(bytes: Uint8Array, at: number, part: number): number {
  return (bytes[at + part]! - 1) / LEVELS_A_SPREAD;
}

/** Spread of an hour that is known, in smallest spreads; rounded up. */
export function spreadAt(bytes: Uint8Array, at: number, part: number): number {
  return bytes[at + HOURS + part]! / CODES_A_SPREAD;
}

/** Distance of a value from an hour's level in its spread, which is at least one smallest spread; signed. */
export function distanceAt(bytes: Uint8Array, at: number, part: number, spreads: number): number {
  return (spreads - levelAt(bytes, at, part)) / Math.max(1, spreadAt(bytes, at, part));
}

/** Of the hour and its two neighbours the one that the value is nearest to; −1 where the hour itself is not known. */
export function nearestPart(bytes: Uint8Array, at: number, part: number, spreads: number): number {
  if (!knows(bytes, at, part)) return -1;
  let nearest = part;
  for (const beside of [(part + HOURS - 1) % HOURS, (part + 1) % HOURS]) {
    if (!knows(bytes, at, beside)) continue;
    const distance = Math.abs(distanceAt(bytes, at, beside, spreads));
    if (distance < Math.abs(distanceAt(bytes, at, nearest, spreads))) nearest = beside;
  }
  return nearest;
}
