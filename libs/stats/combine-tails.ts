/**
 * One ln p of several for the claim that at least one of them is real, whatever their dependence.
 *
 * Source: the harmonic mean p-value: Wilson, "The harmonic mean p-value for combining dependent tests", PNAS 116
 * (2019), eq. 1, equal weights; within 1 of the truth in ln p for p < 0.05.
 * Worked example: ln 0.01 and ln 0.04 → ln 0.016.
 * @param logs ln p of each, ≤ 0; at least one
 */
export function harmonicTail(logs: ArrayLike<number>): number {
  let least = 0;
  for (let i = 0; i < logs.length; i++) least = Math.min(least, logs[i]!);
  let sum = 0;
  for (let i = 0; i < logs.length; i++) sum += Math.exp(least - logs[i]!);
  return least - Math.log(sum / logs.length);
}

/**
 * One ln p of several *independent* ones: −2 Σ ln p is χ² with 2n degrees of freedom, whose tail for an even number
 * is a Poisson sum.
 *
 * Source: Fisher, "Statistical methods for research workers", 4th ed. (1932), section 21.1.
 * Worked example: ln 0.1 twice → ln(0.01 × (1 + ln 100)) = ln 0.05605.
 */
export function fisherTail(logs: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < logs.length; i++) total -= logs[i]!;
  let term = 1;
  let sum = 1;
  for (let i = 1; i < logs.length; i++) {
    term *= total / i;
    sum += term;
  }
  return Math.min(0, Math.log(sum) - total);
}
