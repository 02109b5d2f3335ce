/**
 * Exact (Garwood) interval of a Poisson mean.
 *
 * The lower end is the mean at which `count` or more come with probability (1 − confidence) / 2, the upper end that at
 * which `count` or fewer do. It covers at least as often as it says. O(count).
 *
 * Source: Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936), 437–442.
 * @param count events, 0 or more
 * @param confidence between 0 and 1
 * @example poissonInterval(10, 0.95) // => { low: 4.795…, high: 18.390… }
 */
export function poissonInterval(
  count: number,
  confidence: number,
): { readonly low: number; readonly high: number } {
  const tail = (1 - confidence) / 2;
  // Beyond twelve standard deviations, and for small counts where their tails are longer.
  const above = count + 12 * Math.sqrt(count + 1) + 20;
  return {
    low: count === 0 ? 0 : solve((mean) => 1 - atMost(count - 1, mean) - tail, 0, count),
    high: solve((mean) => tail - atMost(count, mean), count, above),
  };
}

/** Probability of `count` events or fewer. */
function atMost(count: number, mean: number): number {
  if (mean === 0) return 1;
  let logTerm = -mean;
  let sum = Math.exp(logTerm);
  for (let events = 1; events <= count; events++) {
    logTerm += Math.log(mean / events);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** Where a rising function is zero, by halving. */
function solve(rising: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let halving = 0; halving < 100 && low < high; halving++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
