import { COVERS, type Cover } from '#libs/traces/evasion/covers.ts';
import { TECHNIQUES } from '#libs/traces/evasion/techniques.ts';
import { findPair, type Pair, type PairName } from './cells.ts';
import { type Hidden, largestOf } from './search.ts';
import type { Setting } from './setting.ts';
import { type Judge, World } from './world.ts';

/** One run of the whole span, every second of it. */
export interface Whole {
  readonly what: string;
  readonly judge: Judge;
  /** Null for an honest run. */
  readonly strength: number | null;
  readonly windows: number;
  /** Windows in which the counters spoke for what nobody declares. */
  readonly flagged: number;
  readonly minutesToFinding: number | null;
}

/** A node of each cover, honest, and whoever hides best in it. Plain data. */
export interface WholeInput {
  readonly cover: string;
  readonly judge: Judge;
  readonly mining: readonly (PairName & { readonly strength: number })[];
}

/** After the seeds of the search. */
const SEED = 3_000;

/** The largest undetected share of each family at the richest level, and an honest node of each cover that is hidden in. */
export function wholeInputs(
  pairs: readonly Pair[],
  hidden: readonly Hidden[],
  setting: Setting,
): WholeInput[] {
  const judge = setting.judges
    .filter(({ declared, tier }) => declared === 'behaviours' && tier === 'rich')
    .at(-1);
  if (!setting.extent.whole || judge === undefined) return [];
  const families = [...new Set(pairs.map(({ miner }) => miner.name))];
  const worst = families
    .flatMap((family) => largestOf(hidden, family, judge) ?? [])
    .filter(({ undetected }) => undetected > 0);
  const hides = (cover: Cover) => TECHNIQUES.filter((one) => one.cover === cover).map(({ name }) => name);
  return COVERS.map((cover) => ({
    cover: cover.name,
    judge,
    mining: worst
      .filter(({ technique }) => hides(cover).includes(technique))
      .map(({ family, technique, undetected }) => ({ family, technique, strength: undetected })),
  })).filter(({ cover, mining }) => mining.length > 0 || WITH_TWO_GPUS.includes(cover));
}

/** Eight GPUs take four times as long: they are run where somebody hides among them. */
const WITH_TWO_GPUS = COVERS.filter(({ gpus }) => gpus === 2).map(({ name }) => name);

/** Every second of the span, without the gaps of sampling, for the peers too. */
export function wholeRuns({ cover: name, judge, mining }: WholeInput, { span, seed }: Setting): Whole[] {
  const cover = COVERS.find((one) => one.name === name);
  if (cover === undefined) throw new RangeError(`${name}: expected a cover`);
  const world = new World(cover, [span], seed, [judge.level]);
  const honest = { what: `honest ${name}`, strength: null, workload: cover.workload };
  const hiding = mining.map((one) => {
    const { miner, technique } = findPair(one);
    const workload = technique.hide(miner, cover.workload, one.strength, span);
    return { what: `${one.family}, ${one.technique}`, strength: one.strength, workload };
  });
  return [...hiding, honest].map(({ what, strength, workload }) => {
    const [heard] = world.run({ workload, seed: seed + SEED, judges: [judge], toTheEnd: strength === null });
    const findingMs = heard?.findingMs ?? null;
    return {
      what,
      judge,
      strength,
      windows: heard?.windows ?? 0,
      flagged: heard?.voices.behaviour.windows ?? 0,
      minutesToFinding: findingMs === null ? null : (findingMs - span.fromMs) / 60_000,
    };
  });
}
