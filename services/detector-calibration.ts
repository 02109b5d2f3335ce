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
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { calibration, wilson } from './cli/evaluate/traces/quality.ts';
import { type ScoredWindow, scorerOf, verdictOf } from './cli/evaluate/traces/scores.ts';
import { scoredFamilies } from './cli/evaluate/traces/synthetic-quality.ts';

const FILE = join(import.meta.dirname, '../libs/detect/evidence/calibration.json');
/** Of one run: two GPUs, five minutes. They are no independent cases: intervals count runs. */
const WINDOWS_OF_A_RUN = 10;

interface Verdict {
  readonly probability: number;
  readonly right: boolean;
}

/** Groups of a tenth each by the probability said; empty ones are left out. */
export function reliability(verdicts: readonly Verdict[]): CalibrationPoint[] {
  return calibration(verdicts).map(({ said, held, count }) => {
    const runs = count / WINDOWS_OF_A_RUN;
    const { low, high } = wilson(held.share * runs, runs);
    return { said: round(said), held: round(held.share), low: round(low), high: round(high), windows: count };
  });
}

export function measureCalibration(windows: readonly ScoredWindow[]): Calibration {
  // What undescribed work is called is no question of right or wrong.
  const described = windows.filter(({ behaviour }) => behaviour !== 'B13');
  return {
    command: 'node services/detector-calibration.ts',
    data: 'synthetic',
    fingerprint: fingerprintOf(SHIPPED_MODEL, PARAMETERS, (data) =>
      createHash('sha256').update(data).digest('hex'),
    ),
    curves: [
      { name: 'the likeliest behaviour', points: reliability(described.map(likeliest)) },
      {
        name: 'any behaviour that nobody declares (B4 to B10)',
        points: reliability(windows.map(undeclared)),
      },
    ],
  };
}

function likeliest({ behaviour, score }: ScoredWindow): Verdict {
  const found = verdictOf(score).likeliest;
  return { probability: score.behaviours[found] ?? 0, right: found === behaviour };
}

function undeclared({ behaviour, score }: ScoredWindow): Verdict {
  return {
    probability: 1 / (1 + Math.exp(-score.logOdds)),
    right: behaviour !== null && RARE.has(behaviour),
  };
}

const round = (value: number): number => Number(value.toFixed(4));

if (import.meta.main) {
  const families = scoredFamilies(scorerOf(SHIPPED_MODEL), () => process.stdout.write('.'));
  const measured = measureCalibration(families.flatMap(({ windows }) => windows));
  writeFileSync(FILE, `${JSON.stringify(measured, null, 2)}\n`);
  process.stdout.write(`\n${FILE}\n`);
}
