/** What a search has found: an undetected strength, and a detected one above it. */
export interface Bracket {
  /** The largest strength that was seen to stay undetected; 0 where none was. */
  readonly undetected: number;
  /** The smallest above it that was seen to be detected; null where even full strength is not. */
  readonly detected: number | null;
}

/** Strengths that are tried before the bisection, in quarters: a band of power finds the weak and the strong. */
const QUARTERS = [3, 2, 1] as const;

/**
 * The largest strength that stays undetected: the largest of the quarters, then bisection up to the detected one
 * above it. Within a quarter it takes detection to rise with strength.
 * @param isDetected asked at 1 first; for each strength at most once
 * @param parts strengths are n / parts, 1 ≤ n ≤ parts; a multiple of 4
 */
export function largestUndetected(isDetected: (strength: number) => boolean, parts: number): Bracket {
  if (!isDetected(1)) return { undetected: 1, detected: null };
  let high = parts;
  let low = 0;
  for (const quarter of QUARTERS) {
    const place = (quarter * parts) / 4;
    if (!isDetected(place / parts)) {
      low = place;
      break;
    }
    high = place;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isDetected(middle / parts)) high = middle;
    else low = middle;
  }
  return { undetected: low / parts, detected: high / parts };
}
