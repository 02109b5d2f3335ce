import { outputShare } from '#libs/traces/evasion/output.ts';
import type { Technique } from '#libs/traces/evasion/techniques.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { type Share, wilson } from '../traces/quality.ts';
import type { Lane, Rule } from './lane.ts';
import type { Setting } from './suite.ts';
import type { Judge } from './world.ts';

export interface Pair {
  readonly miner: Workload;
  readonly technique: Technique;
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
    worldOf(cover).run(workload, seed + run, judges),
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
      wouldHold: wouldHold(lanes),
    };
  });
}

export function wouldHold(lanes: readonly Lane[]): Record<Rule, number> {
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
