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
 * The level that this share of the maxima comes above. Where fewer than {@link COUNTED} do, the largest are taken for
 * an exponential tail with their mean excess. That is on the safe side: evidence is bounded, so its tail is lighter
 * the further out (of 3,000 node-weeks the mean excess was 0.7 nats above the level of 1 %, 0.3 above that of 0.3 %).
 *
 * Source: tails are generalised Pareto (Pickands, "Statistical inference using extreme order statistics", Ann. Stat. 3,
 * 1975); those of a bounded value lie below the exponential, which is the one of shape 0.
 * @param maxima at least {@link COUNTED} + 1
 * @param share above 0, below 1
 */
export function levelFor(maxima: readonly number[], share: number): Level {
  const falling = maxima.toSorted((a, b) => b - a);
  const at = (place: number) => falling[place] ?? 0;
  const exceeding = share * falling.length;
  if (exceeding >= COUNTED) return { level: at(Math.floor(exceeding)), basis: 'counted' };
  const from = at(COUNTED);
  const excess = falling.slice(0, COUNTED).reduce((sum, one) => sum + (one - from) / COUNTED, 0);
  return { level: from + excess * Math.log(COUNTED / exceeding), basis: 'extrapolated' };
}

/** Where two windows that speak as loudly as any come: a finding takes three. */
const TWO_WINDOWS = (() => {
  const sums = noEvidence();
  gather(sums, EVIDENCE_CAP);
  gather(sums, EVIDENCE_CAP);
  return sums;
})();

/**
 * The share of node-weeks that each memory may come above its level in, so that `whole` come above any: the sums often
 * rise together. How often is counted at the rarest share that can be counted.
 */
function shareOfEach(weeks: readonly WeekMaxima[], whole: number): number {
  const probe = Math.max(whole, COUNTED / weeks.length);
  const levels = MEMORIES.map((_, memory) => levelFor(column(weeks, memory), probe).level);
  const any = weeks.filter((maxima) => maxima.some((sum, memory) => sum > (levels[memory] ?? 0))).length;
  return (whole * probe * weeks.length) / any;
}

function column(weeks: readonly WeekMaxima[], memory: number): number[] {
  return weeks.map((maxima) => maxima[memory] ?? 0);
}

/**
 * Thresholds for a budget, each memory with the same part of it.
 * @param budget alerts per 1,000 nodes and week
 * @param weeks more than {@link COUNTED}
 */
export function rowFor(
  budget: number,
  weeks: readonly WeekMaxima[],
  heldOut: readonly WeekMaxima[],
): BudgetRow {
  const share = shareOfEach(weeks, 1 - Math.exp(-budget / NODES));
  const levels = MEMORIES.map((_, memory) => levelFor(column(weeks, memory), share));
  const thresholds = levels.map(({ level }, memory) => {
    const threshold = roundedUp(Math.max(level, TWO_WINDOWS[memory] ?? 0));
    return threshold < EVIDENCE_CAP ? threshold : null;
  });
  return {
    budget,
    thresholds,
    basis: levels.map(({ basis }) => basis),
    heldOut: rateOf(heldOut.filter((maxima) => isAbove(maxima, thresholds)).length, heldOut.length),
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
