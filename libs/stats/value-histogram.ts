/**
 * How often each value was seen, in bins of equal width whose range doubles when a value falls outside. Bounded
 * memory: `bins` 16-bit counts and the three numbers below. When a bin is full every count is halved, which forgets.
 *
 * Source of the linear binning, by which a value is shared between the two bins whose middles it lies between so
 * that where the edges fall matters less: Jones & Lotwick, "A remark on algorithm AS 176", Appl. Stat. 33 (1984).
 */

/** Lower edge, bin width and weight of all counts, three consecutive numbers of a slab. */
export const HISTOGRAM = 3;
/** Counts that one value adds: an eighth of a value is the finest share. */
const UNIT = 8;
const FULL = 65_535 - UNIT;
/** Bins either side that count as near. */
const NEAR = 4;

type Reals = Float64Array | Float32Array;

/** Where a histogram lies in its two slabs. */
export interface HistogramPlace {
  /** First of its counts. */
  readonly from: number;
  /** Even, ≥ 4. */
  readonly bins: number;
  /** First of its {@link HISTOGRAM} numbers. */
  readonly at: number;
}

/** Empties the histogram. @param width of a bin, > 0; the range begins centred on 0 */
export function clearHistogram(counts: Uint16Array, head: Reals, h: HistogramPlace, width: number): void {
  counts.fill(0, h.from, h.from + h.bins);
  head[h.at] = (-width * h.bins) / 2;
  head[h.at + 1] = width;
  head[h.at + 2] = 0;
}

/**
 * Where `value` lies, in bins from the first bin's middle; doubles the range first where it must. Amortised O(1).
 * @param value finite
 * @returns 0 … bins − 2
 */
export function placeOf(counts: Uint16Array, head: Reals, h: HistogramPlace, value: number): number {
  while (value < head[h.at]! + head[h.at + 1]!) fold(counts, head, h, true);
  while (value >= head[h.at]! + head[h.at + 1]! * (h.bins - 1)) fold(counts, head, h, false);
  return Math.min(h.bins - 2, Math.max(0, (value - head[h.at]!) / head[h.at + 1]! - 0.5));
}

/**
 * −ln of the share of past values near `place`: 0 where all of them lie, large where none does.
 *
 * Near is weighed by a Laplace kernel e^(−distance / kernel), distance in bins (Rosenblatt, "Remarks on some
 * nonparametric estimates of a density function", Ann. Math. Stat. 27, 1956).
 * Worked example: 99 values at one place, prior 0.001 → ln(100 / 0.001) ≈ 11.5 twenty bins away, ≈ 0.01 there.
 * @param kernel reach in bins, > 0
 * @param prior values imagined everywhere; it bounds the result to ln((n + 1) / prior)
 */
export function surpriseAt(
  counts: Uint16Array,
  head: Reals,
  { from, bins, at }: HistogramPlace,
  place: number,
  kernel: number,
  prior: number,
): number {
  const bin = Math.floor(place);
  const share = place - bin;
  const decay = Math.exp(-1 / kernel);
  let left = counts[from + bin]!;
  let right = counts[from + bin + 1]!;
  let weight = 1;
  for (let i = 1; i <= NEAR; i++) {
    weight *= decay;
    const below = bin - i < 0 ? 0 : counts[from + bin - i]!;
    const above = bin + 1 + i >= bins ? 0 : counts[from + bin + 1 + i]!;
    left += weight * (below + (bin + i < bins ? counts[from + bin + i]! : 0));
    right += weight * (above + (bin + 1 - i < 0 ? 0 : counts[from + bin + 1 - i]!));
  }
  const near = left + share * (right - left);
  return Math.log((head[at + 2]! / UNIT + 1) / (near / UNIT + prior));
}

/** Counts one value at `place`. */
export function countAt(counts: Uint16Array, head: Reals, h: HistogramPlace, place: number): void {
  const bin = Math.floor(place);
  const share = Math.round(UNIT * (place - bin));
  const i = h.from + bin;
  counts[i] = counts[i]! + UNIT - share;
  counts[i + 1] = counts[i + 1]! + share;
  head[h.at + 2] = head[h.at + 2]! + UNIT;
  if (counts[i]! > FULL || counts[i + 1]! > FULL) halve(counts, head, h);
}

/** Doubles the range, two bins into one. @param down whether the new half lies below */
function fold(counts: Uint16Array, head: Reals, { from, bins, at }: HistogramPlace, down: boolean): void {
  const half = bins / 2;
  for (let step = 0; step < half; step++) {
    const i = down ? half - 1 - step : step;
    const both = counts[from + 2 * i]! + counts[from + 2 * i + 1]!;
    counts[from + i + (down ? half : 0)] = Math.min(both, FULL);
  }
  counts.fill(0, from + (down ? 0 : half), from + (down ? half : bins));
  if (down) head[at] = head[at]! - head[at + 1]! * bins;
  head[at + 1] = head[at + 1]! * 2;
}

function halve(counts: Uint16Array, head: Reals, { from, bins, at }: HistogramPlace): void {
  let total = 0;
  for (let i = from; i < from + bins; i++) {
    counts[i] = counts[i]! >>> 1;
    total += counts[i]!;
  }
  head[at + 2] = total;
}
