import { type Bracket, largestUndetected } from '#libs/traces/evasion/largest-share.ts';
import { outputShare } from '#libs/traces/evasion/output.ts';
import type { Pair } from './cells.ts';
import type { Setting } from './setting.ts';
import { isOf, type Judge } from './world.ts';

/** What one judge leaves of a family's output when it is hidden in one way. */
export interface Hidden extends Bracket {
  readonly family: string;
  readonly technique: string;
  readonly judge: Judge;
  /** Share of full mining output at the largest undetected strength. */
  readonly output: number;
}

const GPUS = 8;
/** After the runs of the matrix. */
const SEED = 1_000;

/** The largest output without a finding in any run, by each judge. A plain miner is all or nothing. */
export function searchHidden(pair: Pair, setting: Setting): Hidden[] {
  const { miner, technique } = pair;
  const found = detections(pair, setting);
  const parts = technique.gpuOnly ? GPUS : setting.extent.parts;
  return setting.judges.map((judge, index) => {
    const isDetected = (strength: number) => found(strength)[index] ?? true;
    const bracket =
      technique.name === 'plain'
        ? { undetected: Number(!isDetected(1)), detected: isDetected(1) ? 1 : null }
        : largestUndetected(isDetected, parts);
    const output = bracket.undetected === 0 ? 0 : outputShare(technique, bracket.undetected, setting.span);
    return { family: miner.name, technique: technique.name, judge, ...bracket, output };
  });
}

/** By strength, whether each judge finds it in some run. Judges that miss full strength are asked no more. */
function detections({ miner, technique }: Pair, setting: Setting): (strength: number) => readonly boolean[] {
  const known = new Map<number, readonly boolean[]>();
  const at = (strength: number): readonly boolean[] => {
    const before = known.get(strength);
    if (before !== undefined) return before;
    const searching = setting.judges.filter((_, index) => strength === 1 || at(1)[index]);
    const missed = new Set(searching);
    for (let run = 0; run < setting.extent.searchRuns && missed.size > 0; run++) {
      const judges = [...missed];
      const workload = technique.hide(miner, technique.cover.workload, strength, setting.span);
      const seed = setting.seed + SEED + run;
      const lanes = setting.worldOf(technique.cover).run({ workload, seed, judges });
      judges.forEach((judge, index) => {
        if (lanes[index]?.findingMs !== null) missed.delete(judge);
      });
    }
    const found = setting.judges.map((judge) => searching.includes(judge) && !missed.has(judge));
    known.set(strength, found);
    return found;
  };
  return at;
}

/** What the best technique for whoever hides keeps of a family from a judge. */
export function largestOf(hidden: readonly Hidden[], family: string, judge: Judge): Hidden | undefined {
  return hidden
    .filter((one) => one.family === family && isOf(judge)(one))
    .reduce<Hidden | undefined>((most, one) => (most && most.output >= one.output ? most : one), undefined);
}
