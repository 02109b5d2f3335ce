/**
 * Counting to millions in one byte: the register grows by one with a chance that falls as it grows, so that its
 * expected value is the count. Small counts are almost exact, large ones have a relative error of about 18 %.
 *
 * Source: Morris, "Counting large numbers of events in small registers", CACM 21 (1978), with a = 1/16; error √(a/2):
 * Flajolet, "Approximate counting: a detailed analysis", BIT 25 (1985), proposition 3.
 */
const GROWTH = 1 / 16;
const TOP = 255;

const VALUES = Float64Array.from({ length: TOP + 1 }, (_, register) => (power(register) - 1) / GROWTH);
const CHANCES = Float64Array.from({ length: TOP + 1 }, (_, register) =>
  register === TOP ? 0 : 1 / power(register),
);

function power(register: number): number {
  return (1 + GROWTH) ** register;
}

/** What a register stands for. Worked example: 0 → 0, 1 → 1, 2 → 2.0625, 100 → 6,855. */
export function countOf(register: number): number {
  return VALUES[register]!;
}

/** The register after one more. @param chance uniform in [0, 1) */
export function counted(register: number, chance: number): number {
  return chance < CHANCES[register]! ? register + 1 : register;
}

/** The register that comes closest to a count. @param count ≥ 0 */
export function registerOf(count: number): number {
  return Math.min(TOP, Math.round(Math.log1p(count * GROWTH) / Math.log1p(GROWTH)));
}

/**
 * The next number, uniform in [0, 1), of a generator whose state is one word: xorshift (Marsaglia, "Xorshift RNGs",
 * J. Stat. Software 8, 2003, triple 13, 17, 5). Seeded, so that a replay counts alike.
 * @param state its word at `at` is not 0
 */
export function nextChance(state: Uint32Array, at: number): number {
  let word = state[at]!;
  word ^= word << 13;
  word ^= word >>> 17;
  word ^= word << 5;
  state[at] = word;
  return (word >>> 0) / 4_294_967_296;
}
