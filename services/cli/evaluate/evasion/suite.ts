import type { Cover } from '#libs/traces/evasion/covers.ts';
import { MINERS } from '#libs/traces/evasion/miners.ts';
import { SAMPLED, SAMPLED_QUICKLY, type SampleOptions, samplesOf } from '#libs/traces/evasion/plan.ts';
import { type Span, TECHNIQUES } from '#libs/traces/evasion/techniques.ts';
import { LEVELS, type Level } from '#libs/traces/simulate/hardware.ts';
import { type Cell, cellsOf, type Pair } from './cells.ts';
import { type Honest, honestRuns, jobRuns, variedRuns } from './honest.ts';
import { type Replayed, replays } from './replayed.ts';
import { type Hidden, searchHidden } from './search.ts';
import { type Whole, wholeRuns } from './whole.ts';
import { type Judge, judgesOf, World } from './world.ts';

export interface SuiteOptions {
  readonly days: number;
  /** Default: all. */
  readonly level?: Level;
  /** Name of one proof-of-work family; default: all. */
  readonly family?: string;
  readonly seed: number;
  readonly quick: boolean;
  /** Told of each step that is done, of how many. */
  readonly progress: (done: number, of: number) => void;
}

/** How much is run. */
export interface Extent {
  readonly sampling: SampleOptions;
  readonly runs: number;
  readonly searchRuns: number;
  readonly honestRuns: number;
  readonly variedRuns: number;
  /** Whether the largest shares and honest nodes are run again in every second. */
  readonly whole: boolean;
  /** Parts of full strength that the search tells apart. */
  readonly parts: number;
}

const WHOLE: Extent = {
  sampling: SAMPLED,
  runs: 5,
  searchRuns: 2,
  honestRuns: 20,
  variedRuns: 2,
  whole: true,
  parts: 16,
};
const QUICK: Extent = {
  sampling: SAMPLED_QUICKLY,
  runs: 1,
  searchRuns: 1,
  honestRuns: 2,
  variedRuns: 0,
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

/** All of it rests on simulated machines. */
export interface Suite {
  readonly synthetic: true;
  readonly days: number;
  readonly seed: number;
  readonly quick: boolean;
  /** Minutes of each run that were simulated and judged. */
  readonly minutes: number;
  readonly judges: readonly Judge[];
  readonly families: readonly string[];
  readonly techniques: readonly string[];
  readonly honest: readonly Honest[];
  readonly cells: readonly Cell[];
  readonly hidden: readonly Hidden[];
  readonly whole: readonly Whole[];
  readonly replayed: readonly Replayed[];
  readonly cheapTier: string;
}

/** A Monday at midnight, UTC. */
const START_MS = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;

/** The detector has no such tier: where it gets one, its nodes become judges of this suite. */
const CHEAP_TIER =
  'No cheap tier exists in this detector: every node is judged in full, so nothing can hide in one. Not measured.';

/** Runs the suite. The same options give the same results. */
export function evasionSuite({ days, level, family, seed, quick, progress }: SuiteOptions): Suite {
  const extent = quick ? QUICK : WHOLE;
  const span = { fromMs: START_MS, toMs: START_MS + days * DAY_MS };
  const setting = settingOf(span, extent, seed, judgesOf(level ? [level] : LEVELS));
  const pairs = pairsOf(family);
  const covers = [...new Set(pairs.map(({ technique }) => technique.cover))];
  const steps = covers.length + 2 + 2 * pairs.length + 2;
  let done = 0;
  const step = <T>(result: T): T => {
    progress(++done, steps);
    return result;
  };
  const honest = covers.flatMap((cover) => step(honestRuns(cover, setting)));
  const cells = pairs.flatMap((pair) => step(cellsOf(pair, setting)));
  const hidden = pairs.flatMap((pair) => step(searchHidden(pair, setting)));
  return {
    synthetic: true,
    days,
    seed,
    quick,
    minutes: setting.samples.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 60_000, 0),
    judges: setting.judges,
    families: [...new Set(pairs.map(({ miner }) => miner.name))],
    techniques: TECHNIQUES.map(({ name }) => name),
    honest: [...honest, ...step(jobRuns(setting)), ...step(variedRuns(setting))],
    cells,
    hidden,
    whole: step(wholeRuns(pairs, hidden, setting)),
    replayed: step(replays(seed)),
    cheapTier: CHEAP_TIER,
  };
}

export function settingOf(span: Span, extent: Extent, seed: number, judges: readonly Judge[]): Setting {
  const samples = samplesOf(span, extent.sampling, seed);
  const worlds = new Map<Cover, World>();
  const worldOf = (cover: Cover): World => {
    const world = worlds.get(cover) ?? new World(cover, samples, seed);
    worlds.set(cover, world);
    return world;
  };
  return { span, samples, extent, seed, judges, worldOf };
}

/** Proof-of-work on the CPU has no GPUs to share out. */
function pairsOf(family: string | undefined): Pair[] {
  return MINERS.filter(({ name }) => family === undefined || name === family).flatMap((miner) =>
    TECHNIQUES.filter(({ gpuOnly }) => !(gpuOnly && miner.behaviour === 'B6')).map((technique) => ({
      miner,
      technique,
    })),
  );
}
