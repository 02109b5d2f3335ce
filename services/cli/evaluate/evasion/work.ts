import type { Sight } from '#libs/traces/evasion/strip.ts';
import { cellsOf, findPair, type PairName } from './cells.ts';
import { honestRuns } from './honest.ts';
import { replays } from './replayed.ts';
import { searchHidden } from './search.ts';
import { type Extent, type Setting, settingOf } from './setting.ts';
import { wholeRuns } from './whole.ts';
import { cheapJudges, judgesOf } from './world.ts';

/** What a suite's setting is made from, in each thread anew. Plain data. */
export interface Setup {
  readonly days: number;
  readonly seed: number;
  readonly extent: Extent;
  /** Null: all. */
  readonly level: Sight | null;
}

/** A Monday at midnight, UTC. */
const START_MS = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;

export function settingFrom({ days, seed, extent, level }: Setup): Setting {
  const span = { fromMs: START_MS, toMs: START_MS + days * DAY_MS };
  const levels = level === null ? undefined : [level];
  return settingOf(span, extent, seed, [...judgesOf(levels), ...cheapJudges(levels)]);
}

/** The pieces of a suite: each from plain data to plain data, whatever was run before it. */
export const WORK = {
  honest: honestRuns,
  cells: (name: PairName, setting: Setting) => cellsOf(findPair(name), setting),
  search: (name: PairName, setting: Setting) => searchHidden(findPair(name), setting),
  whole: wholeRuns,
  replays: (seed: number) => replays(seed),
} as const;
export type Kind = keyof typeof WORK;
export type Input<K extends Kind> = Parameters<(typeof WORK)[K]>[0];
export type Output<K extends Kind> = ReturnType<(typeof WORK)[K]>;
