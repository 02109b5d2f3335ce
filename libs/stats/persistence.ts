/**
 * Persistence: a claim counts when it held in at least `k` of the last `n` windows ("k of n", the binary
 * integration of radar detection: Schwartz, "A coincidence procedure for signal detection", IRE Trans. IT-2, 1956).
 *
 * Worked example: held, not, held, held with k = 3, n = 4 → true.
 * @param held one entry per window, oldest first; only the last `n` count
 */
export function persists(held: readonly boolean[], k: number, n: number): boolean {
  let count = 0;
  for (let i = Math.max(0, held.length - n); i < held.length; i++) if (held[i]) count++;
  return count >= k;
}

/** Whether the last `n` are all false, and there are that many. */
export function absentFor(held: readonly boolean[], n: number): boolean {
  return held.length >= n && !held.slice(-n).includes(true);
}
