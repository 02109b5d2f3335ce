import { type Cover, INFERENCE, TRAINING } from '#libs/traces/evasion/covers.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import type { Pair } from './cells.ts';
import { type Hidden, largestOf } from './search.ts';
import type { Setting } from './suite.ts';
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

/** After the seeds of the search. */
const SEED = 3_000;

/**
 * The largest undetected share of each family at the richest level, and an honest node of each cover, without the
 * gaps of sampling. Without peers, which would take five times as long.
 */
export function wholeRuns(pairs: readonly Pair[], hidden: readonly Hidden[], setting: Setting): Whole[] {
  const judge = setting.judges.filter(({ declared }) => declared === 'behaviours').at(-1);
  if (!setting.extent.whole || judge === undefined) return [];
  const families = [...new Set(pairs.map(({ miner }) => miner.name))];
  const mining = families.flatMap((family) => {
    const worst = largestOf(hidden, family, judge);
    const pair = pairs.find(
      ({ miner, technique }) => miner.name === family && technique.name === worst?.technique,
    );
    if (worst === undefined || pair === undefined || worst.undetected === 0) return [];
    const { miner, technique } = pair;
    const workload = technique.hide(miner, technique.cover.workload, worst.undetected, setting.span);
    const what = `${family}, ${technique.name}`;
    return [wholeRun(what, workload, technique.cover, judge, worst.undetected, setting)];
  });
  const honest = [TRAINING, INFERENCE].map((cover) =>
    wholeRun(`honest ${cover.name}`, cover.workload, cover, judge, null, setting),
  );
  return [...mining, ...honest];
}

function wholeRun(
  what: string,
  workload: Workload,
  cover: Cover,
  judge: Judge,
  strength: number | null,
  { span, seed }: Setting,
): Whole {
  const [lane] = new World(cover, [span], seed, 0).run(workload, seed + SEED, [judge]);
  const findingMs = lane?.findingMs ?? null;
  return {
    what,
    judge,
    strength,
    windows: lane?.windows ?? 0,
    flagged: lane?.voices.behaviour.windows ?? 0,
    minutesToFinding: findingMs === null ? null : (findingMs - span.fromMs) / 60_000,
  };
}
