import type { Found } from './finding-book.ts';
import { poissonInterval } from './poisson.ts';

const NODES = 1_000;
const MINUTES_A_WEEK = 7 * 24 * 60;
const CONFIDENCE = 0.95;

/** How often one version would have called for a person. */
export interface AlertRate {
  readonly alerts: number;
  /** Time in which frames of nodes arrived. */
  readonly nodeWeeks: number;
  /** Alerts per 1,000 nodes and week, with the exact (Garwood) Poisson interval; null: no time was watched. */
  readonly perThousandNodesAndWeek: {
    readonly rate: number;
    readonly low: number;
    readonly high: number;
  } | null;
  readonly interval: 'Poisson, exact (Garwood), 95 %';
  /**
   * The base rate's part: the share of alerts that would be right if none of these was, and one node in 1,000 began
   * each week to do what is looked for and was found; at the rate, and at the upper end of its interval.
   */
  readonly rightAtOneInThousand: { readonly atRate: number; readonly atHigh: number } | null;
}

/** @param minutes watched, of all nodes together */
export function alertRate(findings: readonly Found[], minutes: number): AlertRate {
  const alerts = countAlerts(findings);
  const nodeWeeks = minutes / MINUTES_A_WEEK;
  const common = { alerts, nodeWeeks, interval: 'Poisson, exact (Garwood), 95 %' } as const;
  if (nodeWeeks === 0) return { ...common, perThousandNodesAndWeek: null, rightAtOneInThousand: null };
  const interval = poissonInterval(alerts, CONFIDENCE);
  const scaled = (count: number) => (NODES * count) / nodeWeeks;
  const [rate, low, high] = [scaled(alerts), scaled(interval.low), scaled(interval.high)];
  return {
    ...common,
    perThousandNodesAndWeek: { rate, low, high },
    rightAtOneInThousand: { atRate: 1 / (1 + rate), atHigh: 1 / (1 + high) },
  };
}

/** Findings of one cause that touch in time are one alert, as for the alerter; those for information raise none. */
function countAlerts(findings: readonly Found[]): number {
  const raising = findings.filter(({ severity }) => severity !== 'info');
  let alerts = 0;
  for (const own of Map.groupBy(raising, ({ cause }) => cause).values()) {
    let endMs = Number.NEGATIVE_INFINITY;
    for (const { openedMs, closedMs } of own.toSorted((a, b) => a.openedMs - b.openedMs)) {
      if (openedMs > endMs) alerts++;
      endMs = Math.max(endMs, closedMs ?? Number.POSITIVE_INFINITY);
    }
  }
  return alerts;
}
