/**
 * How long evidence is gathered, in windows. The first finds what is loud within minutes; the second what is odd in
 * most windows of an hour; the last what stays moderately odd for longer than jobs usually last.
 */
export const MEMORIES = [4, 60, 1440] as const;

/** No window speaks louder, for or against, in nats: one alone moves no sum far. */
export const EVIDENCE_CAP = 8;

/** One sum for each of {@link MEMORIES}, in nats a window: 0 … {@link EVIDENCE_CAP}. */
export type Sums = number[];

export function noEvidence(): Sums {
  return MEMORIES.map(() => 0);
}

/**
 * What one window says: its log odds less those before looking, bounded. Where a declaration has some of the
 * behaviours, the odds before looking were smaller than taken here, and the window counts for less than it could.
 *
 * Worked example: log odds of 0.4 under a prior of 0.05 → 3.34.
 * @param logOdds of a behaviour that is not declared; null: the window has no such evidence
 * @param rarePrior probability before looking, 0–1
 */
export function evidenceOf(logOdds: number | null | undefined, rarePrior: number): number | null {
  if (logOdds === null || logOdds === undefined) return null;
  const before = Math.log(rarePrior / (1 - rarePrior));
  return Math.max(-EVIDENCE_CAP, Math.min(EVIDENCE_CAP, logOdds - before));
}

/**
 * Takes a window into the sums, in place; each stays ≥ 0. O(1).
 *
 * A sequential test adds up log-likelihood ratios (Wald 1945), discounted here by what correlated windows are worth:
 * n windows of which any two correlate by ρ are worth n / (1 + (n − 1) ρ) independent ones (Kish, "Survey Sampling",
 * 1965, section 8.2). Within a simulated run ρ was measured as `correlation` in calibration.json, so that a whole run is
 * worth hardly more than one window. Hence the weights of a sum are 1 together: it is a mean that forgets (Roberts,
 * "Control chart tests based on geometric moving averages", Technometrics 1, 1959), and from zero it begins anew,
 * however long and good the past was (Page, Biometrika 41, 1954).
 *
 * A window without evidence (silence, an idle node, counters that are missing) leaves the sums as they are: silence
 * speaks for nobody, and whoever pauses gains nothing.
 *
 * Worked example: memory 4 and the evidence 8, 8, 8, −8 → 2, 3.5, 4.63, 1.47.
 */
export function gather(sums: number[], evidence: number | null): void {
  if (evidence === null) return;
  for (let i = 0; i < MEMORIES.length; i++) {
    sums[i] = Math.max(0, sums[i]! + (evidence - sums[i]!) / MEMORIES[i]!);
  }
}
