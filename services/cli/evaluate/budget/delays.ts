import type { Scorer } from '#libs/detect/evidence/score.ts';
import type { BudgetRow, Delay, DelayRow } from '#libs/detect/sequential/calibration.ts';
import { gather, noEvidence } from '#libs/detect/sequential/statistic.ts';
import { MINERS } from '#libs/traces/evasion/miners.ts';
import { FAMILIES } from '#libs/traces/families.ts';
import { Random } from '#libs/traces/simulate/random.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { throttled } from '#libs/traces/simulate/wrappers.ts';
import { variedRun } from '#libs/traces/vary.ts';
import { wilson } from '../traces/quality.ts';
import { WEEK_WINDOWS } from './node-weeks.ts';
import { anyOf, evidenceOfRun, LEVELS, type ReadLevel, type RunEvidence, seedOf } from './simulated-runs.ts';
import { isAbove } from './thresholds.ts';

export const STRENGTHS = [1, 0.5] as const;

/** What proof-of-work is tried with: the families whose numbers vary, and the simulator's own. Of a CPU none is seen. */
export const WORKS: readonly { readonly name: string; readonly workload: Workload }[] = [
  ...FAMILIES.filter(({ behaviour }) => ['B4', 'B5'].includes(behaviour)).map((family) => ({
    name: `family ${family.name}`,
    workload: variedRun(family),
  })),
  ...MINERS.filter(({ behaviour }) => behaviour !== 'B6').map((workload) => ({
    name: workload.name,
    workload,
  })),
];

export interface Tried {
  readonly strength: number;
  readonly runs: number;
  readonly seed: number;
}

/** How soon runs of a kind are found at each level and budget, from a start at zero; they go on for a week. */
export function delaysOf(
  { name, workload }: (typeof WORKS)[number],
  { strength, runs, seed }: Tried,
  budgets: readonly BudgetRow[],
  scorer: Scorer,
): readonly DelayRow[] {
  const random = new Random(seed);
  const work = strength < 1 ? throttled(workload, strength) : workload;
  const all = Array.from({ length: runs }, () => evidenceOfRun(work, seedOf(random), scorer));
  return LEVELS.map((level) => {
    const minutes = all.map((run) => minutesToAlert(run, level, budgets, random));
    const delays = budgets.map(({ budget }, place) =>
      delayOf(
        budget,
        minutes.map((own) => own[place] ?? NEVER),
      ),
    );
    return { work: name, strength, level, runs, delays };
  });
}

const NEVER = Number.POSITIVE_INFINITY;

/** For each budget. */
function minutesToAlert(
  run: RunEvidence,
  level: ReadLevel,
  budgets: readonly BudgetRow[],
  random: Random,
): number[] {
  const sums = noEvidence();
  const found = budgets.map(() => NEVER);
  for (let window = 1; window <= WEEK_WINDOWS && found.includes(NEVER); window++) {
    gather(sums, anyOf(run, random)[level]);
    budgets.forEach(({ thresholds }, place) => {
      if (found[place] === NEVER && isAbove(sums, thresholds)) found[place] = window;
    });
  }
  return found;
}

function delayOf(budget: number, minutes: readonly number[]): Delay {
  const rising = minutes.toSorted((a, b) => a - b);
  const { share, low, high } = wilson(minutes.filter(Number.isFinite).length, minutes.length);
  const at = (ratio: number) => {
    const value = rising[Math.floor(ratio * rising.length)] ?? NEVER;
    return value === NEVER ? null : value;
  };
  const round = (value: number) => Number(value.toFixed(3));
  return {
    budget,
    found: round(share),
    low: round(low),
    high: round(high),
    medianMinutes: at(0.5),
    slowestTenthMinutes: at(0.9),
  };
}
