import { type Calibrated, calibration } from './quality.ts';
import { type ScoredWindow, verdictOf } from './scores.ts';
import { percent, type Section } from './section.ts';

export interface CalibrationOf {
  readonly name: string;
  readonly groups: readonly Calibrated[];
}

/** How often the likeliest behaviour was the true one, by its probability; windows of undescribed work are left out. */
export function calibrationOf(name: string, windows: readonly ScoredWindow[]): CalibrationOf {
  const verdicts = windows
    .filter(({ behaviour }) => behaviour !== null && behaviour !== 'B13')
    .map(({ behaviour, score }) => {
      const { likeliest } = verdictOf(score);
      return { probability: score.behaviours[likeliest] ?? 0, right: likeliest === behaviour };
    });
  return { name, groups: calibration(verdicts) };
}

export function calibrationSection(kinds: readonly CalibrationOf[]): Section {
  return {
    title: 'Calibration',
    note: 'Windows of one GPU by the probability of the likeliest behaviour. Intervals count windows, which are correlated: they are too narrow.',
    head: ['windows', 'said', 'was so', 'count'],
    rows: kinds.flatMap(({ name, groups }) =>
      groups.map(({ said, held, count }) => [name, `${(100 * said).toFixed(0)} %`, percent(held), count]),
    ),
  };
}
