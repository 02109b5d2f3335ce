/** Where a sequential test stands: for the alternative, for the null, or not yet. */
export type Decision = 'alternative' | 'null' | 'continue';

/** Bounds of the summed log-likelihood ratio. */
export interface SequentialBounds {
  /** Reaching it accepts the null; < 0. */
  readonly lower: number;
  /** Reaching it accepts the alternative; > 0. */
  readonly upper: number;
}

/**
 * Bounds that keep a sequential test to these error rates, whenever it ends.
 *
 * Source: Wald, "Sequential tests of statistical hypotheses", Ann. Math. Stat. 16 (1945), section 3.2, eq. 3.26:
 * ln((1 − β)/α) and ln(β/(1 − α)).
 * Worked example: α = 0.01, β = 0.05 → upper ln 95 = 4.554, lower ln(0.05/0.99) = −2.986.
 * @param falseAlarm α, 0 < α < 1
 * @param miss β, 0 < β < 1 − α
 */
export function sequentialBounds(falseAlarm: number, miss: number): SequentialBounds {
  return { lower: Math.log(miss / (1 - falseAlarm)), upper: Math.log((1 - miss) / falseAlarm) };
}

/** Where the sum of log-likelihood ratios, alternative over null, stands between the bounds. */
export function decide(sum: number, { lower, upper }: SequentialBounds): Decision {
  if (sum >= upper) return 'alternative';
  return sum <= lower ? 'null' : 'continue';
}

/**
 * Log-likelihood ratio of one value, mean `to` over mean `from`, normal noise of this standard deviation.
 *
 * Worked example: value 1, from 0, to 1, sd 1 → 0.5.
 */
export function normalRatio(value: number, from: number, to: number, sd: number): number {
  return ((to - from) * (value - (from + to) / 2)) / (sd * sd);
}

/** Log-likelihood ratio of one outcome, probability `to` over `from`. Worked example: true, 0.1, 0.4 → ln 4. */
export function bernoulliRatio(outcome: boolean, from: number, to: number): number {
  return outcome ? Math.log(to / from) : Math.log((1 - to) / (1 - from));
}
