/**
 * Measures how far the detector's probabilities can be taken at their word, on simulated runs that no fit has seen,
 * and writes it where the console's page reads it: `node services/detector-calibration.ts`.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { RARE } from '#libs/detect/evidence/score.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import {
  type Calibration,
  type CalibrationPoint,
  fingerprintOf,
} from '#libs/detect/explained/calibration.ts';
import type { Separation } from '#libs/detect/explained/separation.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { wilson } from './cli/evaluate/traces/quality.ts';
import { type ScoredWindow, scorerOf, verdictOf } from './cli/evaluate/traces/scores.ts';
import { measureSeparation } from './cli/evaluate/traces/separation.ts';
import { scoredFamilies } from './cli/evaluate/traces/synthetic-quality.ts';

const FILE = join(import.meta.dirname, '../libs/detect/evidence/calibration.json');
/** Of one run: two GPUs, five minutes. They are no independent cases: intervals count runs. */
const WINDOWS_OF_A_RUN = 10;

interface Verdict {
  readonly probability: number;
  readonly right: boolean;
  /** How often such a window counts. */
  readonly weight: number;
}

/** Groups of a tenth each by the probability said; empty ones are left out. */
export function reliability(verdicts: readonly Verdict[]): CalibrationPoint[] {
  const groups = Map.groupBy(verdicts, ({ probability }) => Math.min(9, Math.floor(probability * 10)));
  return [...groups].sort(([a], [b]) => a - b).map(([, own]) => pointOf(own));
}

/** The interval counts as many runs as the weights are worth (Kish, "Survey Sampling", 1965, section 11.7). */
function pointOf(own: readonly Verdict[]): CalibrationPoint {
  const sum = (value: (verdict: Verdict) => number) => own.reduce((total, one) => total + value(one), 0);
  const whole = sum(({ weight }) => weight);
  const held = sum(({ weight, right }) => (right ? weight : 0)) / whole;
  const runs = whole ** 2 / sum(({ weight }) => weight ** 2) / WINDOWS_OF_A_RUN;
  const { low, high } = wilson(held * runs, runs);
  const said = sum(({ weight, probability }) => weight * probability) / whole;
  return { said: round(said), held: round(held), low: round(low), high: round(high), windows: own.length };
}

export function measureCalibration(windows: readonly ScoredWindow[], separation: Separation): Calibration {
  // What undescribed work is called is no question of right or wrong.
  const described = windows.filter(({ behaviour }) => behaviour !== 'B13');
  const weightOf = weighing(windows);
  return {
    command: 'node services/detector-calibration.ts',
    data: 'synthetic',
    fingerprint: fingerprintOf(SHIPPED_MODEL, PARAMETERS, (data) =>
      createHash('sha256').update(data).digest('hex'),
    ),
    curves: [
      { name: 'the likeliest behaviour', points: reliability(described.map(likeliest)) },
      { name: 'a behaviour of B4 to B10', points: reliability(windows.map((one) => rare(one, 1))) },
      {
        name: 'a behaviour of B4 to B10, as rare as is assumed',
        points: reliability(windows.map((one) => rare(one, weightOf(one)))),
      },
    ],
    separation,
  };
}

function likeliest({ behaviour, score }: ScoredWindow): Verdict {
  const found = verdictOf(score).likeliest;
  return { probability: score.behaviours[found] ?? 0, right: found === behaviour, weight: 1 };
}

function rare({ behaviour, score }: ScoredWindow, weight: number): Verdict {
  const right = behaviour !== null && RARE.has(behaviour);
  return { probability: 1 / (1 + Math.exp(-score.logOdds)), right, weight };
}

/** Makes windows of each kind as frequent, together, as the priors of the detector take them to be. */
function weighing(windows: readonly ScoredWindow[]): (window: ScoredWindow) => number {
  const { rarePrior, unknownPrior } = PARAMETERS;
  const priors = { rare: rarePrior, unknown: unknownPrior, common: 1 - rarePrior - unknownPrior };
  const counts = Object.groupBy(windows, kindOf);
  return (window) => priors[kindOf(window)] / (counts[kindOf(window)]?.length ?? 1);
}

function kindOf({ behaviour }: ScoredWindow): 'rare' | 'unknown' | 'common' {
  if (behaviour === null || behaviour === 'B13') return 'unknown';
  return RARE.has(behaviour) ? 'rare' : 'common';
}

const round = (value: number): number => Number(value.toFixed(4));

if (import.meta.main) {
  const scorer = scorerOf(SHIPPED_MODEL);
  const families = scoredFamilies(scorer, () => process.stdout.write('.'));
  const windows = families.flatMap((family) => family.windows);
  const measured = measureCalibration(windows, measureSeparation(scorer));
  writeFileSync(FILE, `${JSON.stringify(measured, null, 2)}\n`);
  process.stdout.write(`\n${FILE}\n`);
}
