import { AnomalyDetector } from '#libs/detect/anomaly/detector.ts';
import type { Season } from '#libs/detect/anomaly/season.ts';
import { normal, seeded } from '#test/unit/detect/world.ts';

export const STEP_MS = 300_000;

/** `count` values of normal noise around a level, standard deviation 1. */
export function noise(seed: number, count: number, level = 0): number[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => level + normal(random));
}

/** Five-minute values that are high from 8 to 18 h, with some noise. */
export function workdays(seed: number, days: number): number[] {
  return noise(seed, days * 288).map((value, i) => {
    const hour = Math.floor((i % 288) / 12);
    return (hour >= 8 && hour < 18 ? 20 : 0) + value;
  });
}

/** Scores of one column, five minutes apart. */
export function scoresOf(values: readonly number[], season: Season = 'none'): number[] {
  const detector = new AnomalyDetector(1, season);
  return values.map((value, i) => detector.step(i * STEP_MS, [value]));
}

/** Rows at which an alert opened. */
export function alertsOf(values: readonly number[], season: Season = 'none'): number[] {
  return scoresOf(values, season).flatMap((score, i) => (score >= 0.5 ? [i] : []));
}

/** The values with those of `changed` put in from `at` on. */
export function withAt(values: readonly number[], at: number, changed: readonly number[]): number[] {
  return values.map((value, i) => changed[i - at] ?? value);
}
