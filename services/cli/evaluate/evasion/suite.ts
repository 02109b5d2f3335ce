import type { Sight } from '#libs/traces/evasion/strip.ts';
import { TECHNIQUES } from '#libs/traces/evasion/techniques.ts';
import { type Cell, type PairName, pairsOf } from './cells.ts';
import { type Honest, honestInputs, honestOf } from './honest.ts';
import type { Replayed } from './replayed.ts';
import type { Hidden } from './search.ts';
import type { Extent } from './setting.ts';
import { Threads } from './threads.ts';
import { type Whole, wholeInputs } from './whole.ts';
import { type Setup, settingFrom } from './work.ts';
import type { Judge } from './world.ts';

export interface SuiteOptions {
  readonly days: number;
  /** Default: all. */
  readonly level?: Sight;
  /** Name of one proof-of-work family; default: all. */
  readonly family?: string;
  readonly seed: number;
  readonly extent: Extent;
  /** Worker threads, ≥ 1. They change nothing but the time that it takes. */
  readonly threads: number;
  /** Told of each step that is done, of how many. */
  readonly progress: (done: number, of: number) => void;
}

/** All of it rests on simulated machines. */
export interface Suite {
  readonly synthetic: true;
  readonly days: number;
  readonly seed: number;
  /** Too few runs to rest anything on. */
  readonly quick: boolean;
  readonly extent: Extent;
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
}

/** Runs the suite. The same options give the same results. */
export async function evasionSuite(options: SuiteOptions): Promise<Suite> {
  const { days, level = null, family, seed, extent, threads: count, progress } = options;
  const setup: Setup = { days, seed, extent, level };
  const setting = settingFrom(setup);
  const pairs = pairsOf(family);
  const names = pairs.map(
    ({ miner, technique }): PairName => ({ family: miner.name, technique: technique.name }),
  );
  const inputs = honestInputs(extent);
  let steps = 1 + inputs.length + 2 * names.length;
  let done = 0;
  await using threads = new Threads(count, setup, () => progress(++done, steps));
  const [replayed, hidden, cells, honest] = await Promise.all([
    threads.all('replays', [seed]),
    threads.all('search', names),
    threads.all('cells', names),
    threads.all('honest', inputs),
  ]);
  const last = wholeInputs(pairs, hidden.flat(), setting);
  steps += last.length;
  const whole = await threads.all('whole', last);
  return {
    synthetic: true,
    days,
    seed,
    quick: !extent.whole,
    extent,
    minutes: setting.samples.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 60_000, 0),
    judges: setting.judges,
    families: [...new Set(names.map((name) => name.family))],
    techniques: TECHNIQUES.map(({ name }) => name),
    honest: honestOf(inputs, honest, setting.judges),
    cells: cells.flat(),
    hidden: hidden.flat(),
    whole: whole.flat(),
    replayed: replayed.flat(),
  };
}
