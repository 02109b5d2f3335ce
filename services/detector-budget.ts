/**
 * Measures what honest simulated nodes reach in the sequential test, and writes the thresholds for each false-alarm
 * budget where the detector reads them: `node services/detector-budget.ts [--weeks N]`, about 4 minutes on one core.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Scorer } from '#libs/detect/evidence/score.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { fingerprintOf } from '#libs/detect/explained/calibration.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import {
  type BudgetCalibration,
  type BudgetRow,
  type Delay,
  LEAST_BUDGET,
  MOST_BUDGET,
} from '#libs/detect/sequential/calibration.ts';
import { EVIDENCE_CAP, MEMORIES } from '#libs/detect/sequential/statistic.ts';
import { correlationWithin } from './cli/evaluate/budget/correlation.ts';
import { delaysOf, STRENGTHS, WORKS } from './cli/evaluate/budget/delays.ts';
import { type ByLevel, honestWeeks, type WeekMaxima } from './cli/evaluate/budget/node-weeks.ts';
import { LEVELS } from './cli/evaluate/budget/simulated-runs.ts';
import { HonestWeeks, rowFor } from './cli/evaluate/budget/thresholds.ts';
import { scorerOf } from './cli/evaluate/traces/scores.ts';
import { progress, table } from './cli/output.ts';

const FILE = join(import.meta.dirname, '../libs/detect/sequential/calibration.json');
const WEEKS = 12_000;
const BUDGETS = [LEAST_BUDGET, 0.3, 1, 3, 10, 30, MOST_BUDGET] as const;
/** Budgets whose delays are shown. */
const SHOWN: readonly number[] = [0.1, 1, 10];
/** Of their own: neither the model's, nor those that parameters were set or evaluated with (8,000,000 to 12,100,000). */
export const SEEDS = { weeks: 21_000_000, heldOut: 22_000_000, delays: 23_000_000, correlation: 24_000_000 };
/** Runs of each kind of proof-of-work, and runs for the correlation. */
const RUNS = 100;
const CORRELATION_RUNS = 1_000;
/** Node-weeks that a test makes again. */
export const SAMPLE = 20;

const NOTES = [
  'Synthetic: every node is simulated, with two GPUs and profiling counters (L3), without and with its traffic (N), and no other evidence; a threshold is that of the level at which honest nodes come higher, and so are the held-out figures. Real fleets may raise more or fewer alerts.',
  'A node works all week, job after job; a job lasts from half an hour to a week, log-uniform, and is a run of any family of ordinary compute (B0 to B3), each as likely, with numbers and a seed of its own. Idle jobs have no evidence.',
  'Five windows of each run are simulated second by second; a job draws its windows from them (bootstrap).',
  'The families are those that the model was fitted on, with other seeds: work of other kinds is not in the budget.',
  'Alerts are nodes and weeks in which a sum came to its threshold. Rules other than evidence of behaviours (declared bounds, own past, peers) have no part in it.',
  'Thresholds marked `extrapolated` are rarer than what was counted: an exponential tail fitted to the 30 largest. Evidence is bounded and its tail lighter, so this asks for more than it would have to.',
];

/** Hash of all that the table depends on, but for the simulator. */
export function fingerprint(): string {
  const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');
  const evidence = fingerprintOf(SHIPPED_MODEL, PARAMETERS, sha256);
  return sha256(JSON.stringify([evidence, MEMORIES, EVIDENCE_CAP])).slice(0, 16);
}

/** @param step called after each unit of work, of {@link unitsOf} */
function measureBudgets(weeks: number, command: string, step: () => void): BudgetCalibration {
  const scorer = scorerOf(SHIPPED_MODEL);
  const maxima = honestWeeks(weeks, SEEDS.weeks, scorer, step);
  const heldOut = honestWeeks(weeks / 2, SEEDS.heldOut, scorer, step);
  const honest = LEVELS.map((level) => new HonestWeeks(maxima[level]));
  const others = LEVELS.map((level) => heldOut[level]);
  const budgets = BUDGETS.map((budget) => rowFor(budget, honest, others));
  return {
    command,
    data: 'synthetic',
    notes: NOTES,
    fingerprint: fingerprint(),
    nodeWeeks: maxima.L3.length,
    heldOutNodeWeeks: heldOut.L3.length,
    correlation: Number(correlationWithin(CORRELATION_RUNS, SEEDS.correlation, scorer).toFixed(3)),
    budgets,
    delays: delays(budgets, scorer, step),
    sample: sampleOf(maxima),
  };
}

function delays(
  budgets: readonly BudgetRow[],
  scorer: Scorer,
  step: () => void,
): BudgetCalibration['delays'] {
  const shown = budgets.filter(({ budget }) => SHOWN.includes(budget));
  return WORKS.flatMap((work, index) =>
    STRENGTHS.flatMap((strength) => {
      step();
      return delaysOf(work, { strength, runs: RUNS, seed: SEEDS.delays + index }, shown, scorer);
    }),
  );
}

export function sampleOf({ 'L3+N': maxima }: ByLevel<readonly WeekMaxima[]>): BudgetCalibration['sample'] {
  return maxima.slice(0, SAMPLE).map((sums) => sums.map((sum) => Number(sum.toFixed(4))));
}

function unitsOf(weeks: number): number {
  return 1.5 * weeks + WORKS.length * STRENGTHS.length;
}

function printed({ budgets, delays: rows }: BudgetCalibration): string {
  const levels = budgets.map(({ budget, thresholds, basis, heldOut }) => [
    `${budget}`,
    ...thresholds.map((threshold, i) => `${threshold ?? 'never'}${basis[i] === 'counted' ? '' : ' *'}`),
    `${heldOut.rate} (${heldOut.low}–${heldOut.high})`,
  ]);
  const head = ['budget', ...MEMORIES.map((windows) => `memory ${windows}`), 'held out: alerts (95 %)'];
  const found = rows.map(({ work, strength, level, delays: own }) => [
    ...[work, `${strength}`, level],
    ...own.map(cell),
  ]);
  return [
    table(head, levels),
    '* extrapolated',
    table(['synthetic work', 'strength', 'level', ...SHOWN.map((budget) => `at budget ${budget}`)], found),
  ].join('\n\n');
}

/** `98 %, 3 min, 90 % in 7 min`. */
function cell({ found, medianMinutes, slowestTenthMinutes }: Delay): string {
  const share = `${Math.round(100 * found)} %`;
  if (medianMinutes === null) return share;
  return `${share}, ${medianMinutes} min${slowestTenthMinutes === null ? '' : `, 90 % in ${slowestTenthMinutes}`}`;
}

/** JSON as this repository's formatter leaves it: a short list on one line. */
function formatted(data: BudgetCalibration): string {
  return JSON.stringify(data, null, 2).replace(/\[[^[\]{}]*\]/g, (list) => {
    const line = list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']');
    return line.length <= 80 ? line : list;
  });
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { weeks: { type: 'string', default: `${WEEKS}` } } });
  const weeks = Number(values.weeks);
  if (!(weeks >= 100 && weeks % 2 === 0))
    throw new Error(`--weeks ${values.weeks}: expected an even number, 100 or more`);
  const bar = progress('simulating', unitsOf(weeks));
  const command = `node services/detector-budget.ts${weeks === WEEKS ? '' : ` --weeks ${weeks}`}`;
  const measured = measureBudgets(weeks, command, () => bar.step());
  bar.end();
  writeFileSync(FILE, `${formatted(measured)}\n`);
  process.stdout.write(`${printed(measured)}\n\n${FILE}\n`);
}
