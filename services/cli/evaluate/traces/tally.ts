import type { Behaviour } from '#libs/model/behaviour.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import type { LabelledWindow } from './run.ts';

/** What became of the windows of one label. */
export interface LabelTally {
  windows: number;
  /** Would raise a deviation finding on a node declared B0 to B3. */
  flagged: number;
  /** Most likely behaviour is B13. */
  unknown: number;
  /** Conformity is `cannot tell`. */
  cannotTell: number;
  /** Unlike the node's own past, or its first windows. */
  changed: number;
  /** Windows by their most likely behaviour. */
  readonly behaviours: Partial<Record<Behaviour, number>>;
}

const CHANGES: ReadonlySet<string> = new Set(['own-past', 'young-past', 'change', 'drift']);

/** Windows without a label are not scored. */
export function tally(windows: readonly LabelledWindow[]): Record<string, LabelTally> {
  const tallies: Record<string, LabelTally> = {};
  for (const window of windows) {
    if (window.label === '') continue;
    tallies[window.label] ??= {
      windows: 0,
      flagged: 0,
      unknown: 0,
      cannotTell: 0,
      changed: 0,
      behaviours: {},
    };
    const into = tallies[window.label];
    if (into) count(into, window);
  }
  return tallies;
}

function count(into: LabelTally, window: LabelledWindow): void {
  const { behaviours, conformity } = window.assessment;
  const likeliest = mostLikely(behaviours);
  into.windows++;
  into.flagged += Number(conformity === 'deviates');
  into.cannotTell += Number(conformity === 'cannot tell');
  into.unknown += Number(likeliest === 'B13');
  into.changed += Number(isChange(window));
  into.behaviours[likeliest] = (into.behaviours[likeliest] ?? 0) + 1;
}

/** Unlike the node's own past: its hours or its first windows, complete or young, by windows, days or seconds. */
export function isChange({ assessment }: Pick<LabelledWindow, 'assessment'>): boolean {
  return assessment.reasons.some(({ rule }) => CHANGES.has(rule));
}

/** A change of level within seconds, dated by the frames. */
export function isSudden({ assessment }: Pick<LabelledWindow, 'assessment'>): boolean {
  return assessment.reasons.some(({ rule }) => rule === 'change');
}
