import { Deviation } from './deviation.ts';
import { Episodes } from './episodes.ts';
import { Novelty } from './novelty.ts';
import { ANOMALY, type AnomalyParameters } from './parameters.ts';
import type { Season } from './season.ts';

/** A score at or above this opens an alert; below it the score ranks. */
export const ALERT_SCORE = 0.5;

/**
 * The deviation of a series from its own past, for series of any origin: one pass, no look-ahead, bounded state.
 *
 * One column: how surprising each value is. Several: how far they lie from their pasts together, and how surprising
 * that is. The score is 0 … 1: at or above {@link ALERT_SCORE} an alert opens here, once an episode, the more severe
 * the higher; below it, it ranks how unusual the moment is.
 */
export class AnomalyDetector {
  readonly #p: AnomalyParameters;
  readonly #novelty: Novelty;
  readonly #episodes: Episodes;
  readonly #deviation: Deviation | null;

  constructor(columns: number, season: Season, parameters: AnomalyParameters = ANOMALY) {
    this.#p = parameters;
    this.#novelty = new Novelty(parameters, season);
    this.#episodes = new Episodes(parameters);
    this.#deviation = columns > 1 ? new Deviation(parameters, columns) : null;
  }

  /** Bytes of state, objects' own overhead aside. */
  get byteLength(): number {
    const arrays = [...this.#novelty.state, this.#episodes.state];
    if (this.#deviation) arrays.push(this.#deviation.state);
    return arrays.reduce((sum, array) => sum + array.byteLength, 0);
  }

  /**
   * The score of one row, O(columns).
   * @param timeMs event time; used for the season alone
   * @param values one a column; not finite where missing. A row without any value scores 0.
   */
  step(timeMs: number, values: ArrayLike<number>): number {
    if (this.#deviation) return this.#together(timeMs, this.#deviation.step(values));
    const value = values[0] ?? Number.NaN;
    if (!Number.isFinite(value)) return 0;
    const { level, opens } = this.#episodes.step(this.#novelty.step(timeMs, value));
    return opens ? alertScore(level) : below(level);
  }

  #together(timeMs: number, spreads: number): number {
    const surprise = this.#novelty.step(timeMs, Math.log1p(spreads));
    const { level, opens } = this.#episodes.step(spreads < this.#p.deviationAlarm ? 0 : surprise);
    return opens ? alertScore(level) : below(spreads);
  }
}

function alertScore(level: number): number {
  return 1 - ALERT_SCORE / level;
}

/** 0 … ALERT_SCORE, exclusive. */
function below(level: number): number {
  return (ALERT_SCORE * level) / (1 + level);
}
