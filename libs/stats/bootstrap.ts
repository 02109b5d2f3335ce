/** Both ends of a confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Confidence interval of a statistic by resampling the units it is computed from (files, machines), which carry the
 * real uncertainty when the rows inside one are alike. O(rounds) times the statistic.
 *
 * Source: the percentile interval: Efron & Tibshirani, "An introduction to the bootstrap" (1993), section 13.3.
 * Worked example: the units {3} give low = high = 3.
 * @param units how many there are, ≥ 1
 * @param statistic of the units with these indices, repetitions allowed
 * @param confidence e.g. 0.95
 * @param random uniform in [0, 1)
 */
export function bootstrapInterval(
  units: number,
  statistic: (drawn: Uint32Array) => number,
  confidence: number,
  rounds: number,
  random: () => number,
): Interval {
  const drawn = new Uint32Array(units);
  const results = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < units; i++) drawn[i] = Math.floor(random() * units);
    results[round] = statistic(drawn);
  }
  results.sort();
  const tail = Math.floor(((1 - confidence) / 2) * rounds);
  return { low: results[tail]!, high: results[rounds - 1 - tail]! };
}
