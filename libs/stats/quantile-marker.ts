/** Five heights, five positions and the number of values of one estimated quantile, consecutive numbers of a slab. */
export const QUANTILE = 11;
const MARKERS = 5;

type Reals = Float64Array | Float32Array;

/**
 * Takes `value` into the running estimate of the `p` quantile at `at`, without keeping the values. O(1).
 *
 * Source: Jain & Chlamtac, "The P² algorithm for dynamic calculation of quantiles and histograms without storing
 * observations", CACM 28 (1985), the algorithm of section "The P² algorithm" with its parabolic (P²) formula.
 * Worked example (their table I): the 20 values there and p = 0.5 → 4.44.
 * @param p 0 < p < 1
 */
export function observeQuantile(data: Reals, at: number, p: number, value: number): void {
  const count = data[at + 10]!;
  data[at + 10] = count + 1;
  if (count < MARKERS) {
    insert(data, at, count, value);
    return;
  }
  const cell = cellOf(data, at, value);
  for (let i = cell + 1; i < MARKERS; i++) data[at + 5 + i] = data[at + 5 + i]! + 1;
  for (let i = 1; i < MARKERS - 1; i++) adjust(data, at, i, desired(i, p, count + 1));
}

/** The estimate; NaN before any value, exact (lower median and the like) up to five. */
export function quantileOf(data: Reals, at: number, p: number): number {
  const count = data[at + 10]!;
  if (count === 0) return Number.NaN;
  return count <= MARKERS ? data[at + Math.round((count - 1) * p)]! : data[at + 2]!;
}

function desired(i: number, p: number, count: number): number {
  const share = [0, p / 2, p, (1 + p) / 2, 1][i]!;
  return 1 + (count - 1) * share;
}

function insert(data: Reals, at: number, count: number, value: number): void {
  let i = count;
  while (i > 0 && data[at + i - 1]! > value) {
    data[at + i] = data[at + i - 1]!;
    i--;
  }
  data[at + i] = value;
  data[at + 5 + count] = count + 1;
}

/** The cell between markers that the value falls into; the outer markers move to hold it. */
function cellOf(data: Reals, at: number, value: number): number {
  if (value < data[at]!) {
    data[at] = value;
    return 0;
  }
  if (value >= data[at + 4]!) {
    data[at + 4] = value;
    return 3;
  }
  let cell = 0;
  while (value >= data[at + cell + 1]!) cell++;
  return cell;
}

function adjust(data: Reals, at: number, i: number, wanted: number): void {
  const position = data[at + 5 + i]!;
  const off = wanted - position;
  const up = off >= 1 && data[at + 6 + i]! - position > 1;
  const down = off <= -1 && data[at + 4 + i]! - position < -1;
  if (!up && !down) return;
  const step = up ? 1 : -1;
  const height = parabolic(data, at, i, step);
  const between = data[at + i - 1]! < height && height < data[at + i + 1]!;
  data[at + i] = between ? height : linear(data, at, i, step);
  data[at + 5 + i] = position + step;
}

function parabolic(data: Reals, at: number, i: number, step: number): number {
  const [q0, q1, q2] = [data[at + i - 1]!, data[at + i]!, data[at + i + 1]!];
  const [n0, n1, n2] = [data[at + 4 + i]!, data[at + 5 + i]!, data[at + 6 + i]!];
  const right = ((n1 - n0 + step) * (q2 - q1)) / (n2 - n1);
  const left = ((n2 - n1 - step) * (q1 - q0)) / (n1 - n0);
  return q1 + (step / (n2 - n0)) * (right + left);
}

function linear(data: Reals, at: number, i: number, step: number): number {
  const rise = data[at + i + step]! - data[at + i]!;
  return data[at + i]! + (step * rise) / (data[at + 5 + i + step]! - data[at + 5 + i]!);
}
