/**
 * Autocorrelation of `values[0 … count − 1]` at `lag`: −1 … 1; NaN for a constant or with fewer than lag + 2 values.
 *
 * Source: Box & Jenkins, "Time series analysis" (1970), eq. 2.1.13: Σ (xₜ − x̄)(xₜ₊ₖ − x̄) / Σ (xₜ − x̄)².
 * Worked example: {1, 2, 3, 4} at lag 1 → 0.25. O(count).
 */
export function autocorrelation(values: Float64Array, count: number, lag: number): number {
  if (count < lag + 2) return Number.NaN;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += values[i]! / count;
  let around = 0;
  let across = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]! - mean;
    around += value * value;
    if (i + lag < count) across += value * (values[i + lag]! - mean);
  }
  return around === 0 ? Number.NaN : across / around;
}

/**
 * How many independent values `count` correlated ones are worth, from their correlation at lag 1 (a first-order
 * autoregression): count (1 − ρ) / (1 + ρ), 1 … count.
 *
 * Source: Bayley & Hammersley, "The 'effective' number of independent observations in an autocorrelated time
 * series", Suppl. J. Royal Stat. Soc. 8 (1946).
 * Worked example: 100 values with ρ = 0.5 → 33.3.
 */
export function effectiveCount(count: number, correlation: number): number {
  const rho = Math.max(0, Math.min(1, correlation));
  return Math.min(count, Math.max(1, (count * (1 - rho)) / (1 + rho)));
}
