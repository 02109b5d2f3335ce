import { counted, countOf, nextChance, registerOf } from './approximate-count.ts';

/**
 * How often each value was seen, in bins of equal width whose range doubles when a value falls outside. Bounded
 * memory: a byte a bin (an approximate count) and the three numbers below. When {@link AGED} values were counted,
 * every count is halved, which forgets.
 *
 * Source of the linear binning, by which a value is shared between the two bins whose middles it lies between so
 * that where the edges fall matters less: Jones & Lotwick, "A remark on algorithm AS 176", Appl. Stat. 33 (1984).
 */

/** Lower edge, bin width and number of values counted, three consecutive numbers of a slab. */
export const HISTOGRAM = 3;
/** Parts a value is shared in. */
const PARTS = 4;
/** Values after which all counts are halved: eight months of five-minute data. */
const AGED = 65_536;
/** Bins either side that count as near. */
const NEAR = 4;

type Reals = Float64Array | Float32Array;

/** Where a histogram lies in its two slabs. */
export interface HistogramPlace {
  /** First of its registers. */
  readonly from: number;
  /** Even, ≥ 4. */
  readonly bins: number;
  /** First of its {@link HISTOGRAM} numbers. */
  readonly at: number;
}

/** Empties the histogram. @param width of a bin, > 0; the range begins centred on 0 */
export function clearHistogram(registers: Uint8Array, head: Reals, h: HistogramPlace, width: number): void {
  registers.fill(0, h.from, h.from + h.bins);
  head[h.at] = (-width * h.bins) / 2;
  head[h.at + 1] = width;
  head[h.at + 2] = 0;
}

/**
 * Where `value` lies, in bins from the first bin's middle; doubles the range first where it must. Amortised O(1).
 * @param value finite, and its double still is in the precision of `head`
 * @returns 0 … bins − 2
 */
export function placeOf(registers: Uint8Array, head: Reals, h: HistogramPlace, value: number): number {
  while (value < head[h.at]! + head[h.at + 1]!) fold(registers, head, h, true);
  while (value >= head[h.at]! + head[h.at + 1]! * (h.bins - 1)) fold(registers, head, h, false);
  return Math.min(h.bins - 2, Math.max(0, (value - head[h.at]!) / head[h.at + 1]! - 0.5));
}

/**
 * −ln of the share of past values near `place`: 0 where all of them lie, large where none does.
 *
 * Near is weighed by a Laplace kernel e^(−distance / kernel), distance in bins (Rosenblatt, "Remarks on some
 * nonparametric estimates of a density function", Ann. Math. Stat. 27, 1956).
 * Worked example: 99 values at one place, prior 0.001 → ln(100 / 0.001) ≈ 11.5 twenty bins away.
 * @param kernel reach in bins, > 0
 * @param prior values imagined everywhere; it bounds the result to ln((n + 1) / prior)
 */
export function surpriseAt(
  registers: Uint8Array,
  head: Reals,
  { from, bins, at }: HistogramPlace,
  place: number,
  kernel: number,
  prior: number,
): number {
  const bin = Math.floor(place);
  const share = place - bin;
  const decay = Math.exp(-1 / kernel);
  const first = from - 1;
  const beyond = from + bins;
  let near = 0;
  let weight = 1;
  for (let i = 0; i <= NEAR; i++) {
    const below = from + bin - i;
    const above = from + bin + 1 + i;
    // The two bins around the value by its share, those further out by the side they lie on.
    if (below > first) near += weight * (1 - share) * countOf(registers[below]!);
    if (above < beyond) near += weight * share * countOf(registers[above]!);
    if (i > 0 && above - 1 < beyond) near += weight * (1 - share) * countOf(registers[above - 1]!);
    if (i > 0 && below + 1 > first) near += weight * share * countOf(registers[below + 1]!);
    weight *= decay;
  }
  return Math.log((head[at + 2]! + 1) / (near / PARTS + prior));
}

/** Counts one value at `place`. @param chances state of a generator, one word not 0 */
export function countAt(
  registers: Uint8Array,
  head: Reals,
  h: HistogramPlace,
  place: number,
  chances: Uint32Array,
): void {
  const bin = h.from + Math.floor(place);
  const parts = Math.round(PARTS * (place - Math.floor(place)));
  for (let part = 0; part < PARTS; part++) {
    const at = part < parts ? bin + 1 : bin;
    registers[at] = counted(registers[at]!, nextChance(chances, 0));
  }
  head[h.at + 2] = head[h.at + 2]! + 1;
  if (head[h.at + 2]! >= AGED) halve(registers, head, h);
}

/** Doubles the range, two bins into one. @param down whether the new half lies below */
function fold(registers: Uint8Array, head: Reals, { from, bins, at }: HistogramPlace, down: boolean): void {
  const half = bins / 2;
  for (let step = 0; step < half; step++) {
    const i = down ? half - 1 - step : step;
    const both = countOf(registers[from + 2 * i]!) + countOf(registers[from + 2 * i + 1]!);
    registers[from + i + (down ? half : 0)] = registerOf(both);
  }
  registers.fill(0, from + (down ? 0 : half), from + (down ? half : bins));
  if (down) head[at] = head[at]! - head[at + 1]! * bins;
  head[at + 1] = head[at + 1]! * 2;
}

function halve(registers: Uint8Array, head: Reals, { from, bins, at }: HistogramPlace): void {
  for (let i = from; i < from + bins; i++) registers[i] = registerOf(countOf(registers[i]!) / 2);
  head[at + 2] = head[at + 2]! / 2;
}
