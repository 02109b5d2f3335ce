import type { BudgetRow, Rate } from '#libs/detect/sequential/calibration.ts';
import { EVIDENCE_CAP, gather, MEMORIES, noEvidence } from '#libs/detect/sequential/statistic.ts';
import { poissonInterval } from '../../backtest/poisson.ts';
import type { WeekMaxima } from './node-weeks.ts';

/** Node-weeks that must have come so high for a level to be counted; their tail is drawn out for rarer ones. */
const COUNTED = 30;
const NODES = 1_000;
const CONFIDENCE = 0.95;

export interface Level {
  readonly level: number;
  readonly basis: 'counted' | 'extrapolated';
}

/**
 * The level that so many of the maxima come above. Where that is fewer than {@link COUNTED}, the largest are taken for
 * an exponential tail with their mean excess. That is on the safe side: evidence is bounded, so its tail is lighter
 * the further out (of 3,000 node-weeks the mean excess was 0.7 nats above the level of 1 %, 0.3 above that of 0.3 %).
 *
 * Source: tails are generalised Pareto (Pickands, "Statistical inference using extreme order statistics", Ann. Stat. 3,
 * 1975); those of a bounded value lie below the exponential, which is the one of shape 0.
 * @param falling the maxima, the largest first; more than {@link COUNTED}
 * @param exceeding above 0; no whole number where it is a share of what was simulated
 */
export function levelFor(falling: readonly number[], exceeding: number): Level {
  const at = (place: number) => falling[place] ?? 0;
  if (exceeding >= COUNTED) return { level: at(Math.floor(exceeding)), basis: 'counted' };
  const from = at(COUNTED);
  const excess = falling.slice(0, COUNTED).reduce((sum, one) => sum + (one - from) / COUNTED, 0);
  return { level: from + excess * Math.log(COUNTED / exceeding), basis: 'extrapolated' };
}

/** Honest node-weeks, from which thresholds are read. */
export class HonestWeeks {
  readonly #weeks: readonly WeekMaxima[];
  /** By memory, the largest first. */
  readonly #falling: readonly (readonly number[])[];

  /** @param weeks more than {@link COUNTED} */
  constructor(weeks: readonly WeekMaxima[]) {
    this.#weeks = weeks;
    this.#falling = MEMORIES.map((_, memory) =>
      weeks.map((maxima) => maxima[memory] ?? 0).sort((a, b) => b - a),
    );
  }

  /** Levels that this share of the weeks comes above any of, each memory as often as the others. */
  levels(share: number): readonly Level[] {
    const exceeding = this.#ofEach(share * this.#weeks.length);
    return this.#falling.map((falling) => levelFor(falling, exceeding));
  }

  /**
   * How many weeks may come above the level of each memory, so that `alerts` come above any: sums rise together. Where
   * that is too few to count, they are taken to do so as often as at the rarest that can be counted.
   */
  #ofEach(alerts: number): number {
    if (this.#ofAny(COUNTED) > alerts) return (alerts * COUNTED) / Math.max(COUNTED, this.#ofAny(COUNTED));
    let [few, many] = [COUNTED, this.#weeks.length];
    while (many - few > 1) {
      const middle = Math.floor((few + many) / 2);
      if (this.#ofAny(middle) > alerts) many = middle;
      else few = middle;
    }
    return few;
  }

  #ofAny(exceeding: number): number {
    const levels = this.#falling.map((falling) => levelFor(falling, exceeding).level);
    return this.#weeks.filter((maxima) => maxima.some((sum, memory) => sum > (levels[memory] ?? 0))).length;
  }
}

/** Where two windows that speak as loudly as any come: a finding takes three. */
const TWO_WINDOWS = (() => {
  const sums = noEvidence();
  gather(sums, EVIDENCE_CAP);
  gather(sums, EVIDENCE_CAP);
  return sums;
})();

/**
 * Thresholds for a budget: those of the level of reading at which honest nodes come higher.
 * @param budget alerts per 1,000 nodes and week
 * @param honest of each level, as are the weeks held out
 */
export function rowFor(
  budget: number,
  honest: readonly HonestWeeks[],
  heldOut: readonly (readonly WeekMaxima[])[],
): BudgetRow {
  const levels = honest.map((weeks) => weeks.levels(1 - Math.exp(-budget / NODES)));
  const highest = MEMORIES.map((_, memory) =>
    levels.flatMap((own) => own[memory] ?? []).reduce((most, one) => (one.level > most.level ? one : most)),
  );
  const thresholds = highest.map(({ level }, memory) => {
    const threshold = roundedUp(Math.max(level, TWO_WINDOWS[memory] ?? 0));
    return threshold < EVIDENCE_CAP ? threshold : null;
  });
  const rates = heldOut.map((weeks) =>
    rateOf(weeks.filter((maxima) => isAbove(maxima, thresholds)).length, weeks.length),
  );
  return {
    budget,
    thresholds,
    basis: highest.map(({ basis }) => basis),
    heldOut: rates.reduce((most, one) => (one.rate > most.rate ? one : most)),
  };
}

/** Whether any sum comes to its threshold. */
export function isAbove(sums: readonly number[], thresholds: readonly (number | null)[]): boolean {
  return sums.some((sum, memory) => sum >= (thresholds[memory] ?? Number.POSITIVE_INFINITY));
}

export function rateOf(alerts: number, nodeWeeks: number): Rate {
  const { low, high } = poissonInterval(alerts, CONFIDENCE);
  const scaled = (count: number) => Number(((NODES * count) / nodeWeeks).toPrecision(3));
  return { alerts, rate: scaled(alerts), low: scaled(low), high: scaled(high) };
}

/** Three decimals, above the value: what was counted stays below. */
function roundedUp(value: number): number {
  return (Math.floor(value * 1000) + 1) / 1000;
}
