/** The time that the charts show. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
export const LENGTHS = [
  ['1', '1 h'],
  ['6', '6 h'],
  ['24', '24 h'],
  ['168', '7 d'],
] as const;
export type Hours = (typeof LENGTHS)[number][0];

export function lastHours(endMs: number, hours: Hours): Range {
  return { fromMs: endMs - Number(hours) * HOUR_MS, toMs: endMs };
}

/** Which of the usual lengths a range has; null: none. */
export function hoursOf({ fromMs, toMs }: Range): Hours | null {
  return LENGTHS.find(([hours]) => Number(hours) * HOUR_MS === toMs - fromMs)?.[0] ?? null;
}

/** Moved by half its length: -1 earlier, 1 later. */
export function shifted({ fromMs, toMs }: Range, direction: 1 | -1): Range {
  const step = direction * Math.round((toMs - fromMs) / 2);
  return { fromMs: fromMs + step, toMs: toMs + step };
}

/** Half or twice as long, around its middle. */
export function zoomed({ fromMs, toMs }: Range, factor: 0.5 | 2): Range {
  const middle = (fromMs + toMs) / 2;
  const half = Math.max(60_000, ((toMs - fromMs) / 2) * factor);
  return { fromMs: Math.round(middle - half), toMs: Math.round(middle + half) };
}
