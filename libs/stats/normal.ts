const SQRT2 = Math.SQRT2;
const LN_2 = Math.LN2;
/** ln √(2π). */
const LN_SQRT_2PI = 0.9189385332046727;
/** From here on the continued fraction converges in fewer terms than the series. */
const SERIES_BELOW = 2;
const TERMS = 60;

/**
 * ln P(Z > z) of a standard normal Z, to 12 digits however far out: where `1 - cdf` has long been 0.
 *
 * Sources: Abramowitz & Stegun, "Handbook of mathematical functions", 26.2.11 (series of Φ) and 26.2.14 (continued
 * fraction of Mills' ratio).
 * Worked example: z = 1.959963984540054 → ln 0.025 = −3.6889; z = 40 → −804.608.
 * @param z any number; −∞ → 0, ∞ → −∞
 */
export function logUpperTail(z: number): number {
  if (Number.isNaN(z) || z === Number.NEGATIVE_INFINITY) return z < 0 ? 0 : Number.NaN;
  if (z === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  if (z < -SERIES_BELOW) return Math.log1p(-Math.exp(logUpperTail(-z)));
  if (z < SERIES_BELOW) return Math.log(0.5 - centralArea(z));
  return -0.5 * z * z - LN_SQRT_2PI - Math.log(inverseMills(z));
}

/** P(Z > z); 0 below about 1e−308, where {@link logUpperTail} still answers. */
export function upperTail(z: number): number {
  return Math.exp(logUpperTail(z));
}

/** ln P(|Z| > |z|). Worked example: z = 1.959963984540054 → ln 0.05. */
export function logTwoSidedTail(z: number): number {
  return Math.min(0, LN_2 + logUpperTail(Math.abs(z)));
}

/**
 * The z with P(Z > z) = e^`logTail`: Newton's method on {@link logUpperTail}, which is concave, so it cannot leave.
 *
 * Worked example: ln 0.025 → 1.959964; −804.608 → 40.
 * @param logTail < 0
 */
export function quantileOfLogTail(logTail: number): number {
  if (!(logTail < 0)) return logTail === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  // Above the median the tail behaves like e^(−z²/2); below, the mirrored tail is the accurate one.
  if (logTail > -LN_2) return -quantileOfLogTail(Math.log(-Math.expm1(logTail)));
  let z = Math.sqrt(Math.max(0, -2 * (logTail + LN_2)));
  for (let i = 0; i < 30; i++) {
    const value = logUpperTail(z);
    const slope = -Math.exp(-0.5 * z * z - LN_SQRT_2PI - value);
    const next = z - (value - logTail) / slope;
    if (Math.abs(next - z) <= 1e-14 * (1 + Math.abs(z))) return next;
    z = next;
  }
  return z;
}

/** P(0 < Z < z), signed, for |z| ≤ 2: φ(z) (z + z³/3 + z⁵/15 + …). */
function centralArea(z: number): number {
  let term = z;
  let sum = z;
  for (let i = 1; i < TERMS; i++) {
    term *= (z * z) / (2 * i + 1);
    sum += term;
  }
  return sum * Math.exp(-0.5 * z * z - LN_SQRT_2PI);
}

/** φ(z) / P(Z > z) = z + 1/(z + 2/(z + 3/(z + …))), z ≥ 2. */
function inverseMills(z: number): number {
  let tail = z;
  for (let i = TERMS; i >= 1; i--) tail = z + i / tail;
  return tail;
}

/** The complementary error function. Worked example: erfc(1) = 0.15729920705028513. */
export function erfc(x: number): number {
  return 2 * upperTail(x * SQRT2);
}
