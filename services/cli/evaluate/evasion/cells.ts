import { MINERS } from '#libs/traces/evasion/miners.ts';
import { outputShare } from '#libs/traces/evasion/output.ts';
import { TECHNIQUES, type Technique } from '#libs/traces/evasion/techniques.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { type Share, wilson } from '../traces/quality.ts';
import type { Heard, Rule } from './lane.ts';
import type { Setting } from './setting.ts';
import type { Judge } from './world.ts';

export interface Pair {
  readonly miner: Workload;
  readonly technique: Technique;
}

/** A pair by its names: plain data. */
export interface PairName {
  readonly family: string;
  readonly technique: string;
}

/** Every family with every technique; proof-of-work on the CPU has no GPUs to share out. */
export function pairsOf(family: string | undefined): Pair[] {
  return MINERS.filter(({ name }) => family === undefined || name === family).flatMap((miner) =>
    TECHNIQUES.filter(({ gpuOnly }) => !(gpuOnly && miner.behaviour === 'B6')).map((technique) => ({
      miner,
      technique,
    })),
  );
}

/** @throws RangeError */
export function findPair({ family, technique }: PairName): Pair {
  const found = pairsOf(family).find((one) => one.technique.name === technique);
  if (found === undefined) throw new RangeError(`${family}, ${technique}: expected a pair of the suite`);
  return found;
}

/** One family hidden in one way, as one judge sees it. */
export interface Cell {
  readonly family: string;
  readonly technique: string;
  readonly judge: Judge;
  /** Share of full output that the technique leaves at its usual strength. */
  readonly output: number;
  readonly runs: number;
  readonly found: number;
  /** Share of seeded runs with a finding. */
  readonly detection: Share;
  /** Median over the runs with a finding, from the start of mining; null without one. */
  readonly minutesToFinding: number | null;
  /** Findings that no other rule had spoken for when they opened: a job of its own would have kept them away. */
  readonly byPeersAlone: number;
  /** Runs in which a rule alone persisted as a finding asks: also rules that no finding of a declared node rests on. */
  readonly wouldHold: Readonly<Record<Rule, number>>;
}

/** Seeded runs of a pair at the technique's usual strength, for every judge. */
export function cellsOf({ miner, technique }: Pair, setting: Setting): Cell[] {
  const { span, extent, seed, judges, worldOf } = setting;
  const { cover, usual } = technique;
  const workload = technique.hide(miner, cover.workload, usual, span);
  const output = outputShare(technique, usual, span);
  const runs = Array.from({ length: extent.runs }, (_, run) =>
    worldOf(cover).run({ workload, seed: seed + run, judges }),
  );
  return judges.map((judge, index) => {
    const lanes = runs.flatMap((run) => run[index] ?? []);
    const minutes = lanes.flatMap(({ findingMs }) =>
      findingMs === null ? [] : [(findingMs - span.fromMs) / 60_000],
    );
    return {
      family: miner.name,
      technique: technique.name,
      judge,
      output,
      runs: lanes.length,
      found: minutes.length,
      detection: wilson(minutes.length, lanes.length),
      minutesToFinding: median(minutes),
      byPeersAlone: lanes.filter(({ rules }) => rules.includes('peers') && !rules.some(isOwn)).length,
      wouldHold: wouldHold(lanes),
    };
  });
}

/** Rules that look at the node alone. */
function isOwn(rule: string): boolean {
  return rule !== 'peers' && rule !== 'onset';
}

export function wouldHold(lanes: readonly Heard[]): Record<Rule, number> {
  const runs = (rule: Rule) => lanes.filter(({ voices }) => voices[rule].heldMs !== null).length;
  return {
    behaviour: runs('behaviour'),
    envelope: runs('envelope'),
    'own-past': runs('own-past'),
    peers: runs('peers'),
    'cannot tell': runs('cannot tell'),
    unknown: runs('unknown'),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
