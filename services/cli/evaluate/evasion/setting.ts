import type { Cover } from '#libs/traces/evasion/covers.ts';
import { SAMPLED, type SampleOptions, samplesOf } from '#libs/traces/evasion/plan.ts';
import type { Span } from '#libs/traces/evasion/techniques.ts';
import { type Judge, World } from './world.ts';

/** How much is run. */
export interface Extent {
  readonly sampling: SampleOptions;
  /** Seeded runs of each technique and family. */
  readonly runs: number;
  /** Runs of each strength of the search. */
  readonly searchRuns: number;
  /** Honest runs of each cover. */
  readonly honestRuns: number;
  /** Honest runs of each family of ordinary compute. */
  readonly variedRuns: number;
  /** Whether the largest shares and honest nodes are run again in every second. */
  readonly whole: boolean;
  /** Parts of full strength that the search tells apart. */
  readonly parts: number;
}

export const WHOLE: Extent = {
  sampling: SAMPLED,
  runs: 10,
  searchRuns: 2,
  honestRuns: 100,
  variedRuns: 6,
  whole: true,
  parts: 16,
};
/** To be run after every change: the same samples of the span, fewer runs of them. */
export const QUICK: Extent = {
  sampling: SAMPLED,
  runs: 2,
  searchRuns: 1,
  honestRuns: 20,
  variedRuns: 1,
  whole: false,
  parts: 4,
};

/** What a suite works with. */
export interface Setting {
  readonly span: Span;
  readonly samples: readonly Span[];
  readonly extent: Extent;
  readonly seed: number;
  readonly judges: readonly Judge[];
  readonly worldOf: (cover: Cover) => World;
}

export function settingOf(span: Span, extent: Extent, seed: number, judges: readonly Judge[]): Setting {
  const samples = samplesOf(span, extent.sampling, seed);
  const levels = [...new Set(judges.map(({ level }) => level))];
  const worlds = new Map<Cover, World>();
  const worldOf = (cover: Cover): World => {
    const world = worlds.get(cover) ?? new World(cover, samples, seed, levels);
    worlds.set(cover, world);
    return world;
  };
  return { span, samples, extent, seed, judges, worldOf };
}
