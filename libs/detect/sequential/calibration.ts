import calibration from './calibration.json' with { type: 'json' };

/** How often something came, with the exact interval of 95 % (Garwood 1936). */
export interface Rate {
  readonly alerts: number;
  /** Per 1,000 nodes and week. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** What one budget asks of the sums. */
export interface BudgetRow {
  /** Alerts per 1,000 nodes and week. */
  readonly budget: number;
  /** One for each memory, nats; null: at this budget it never speaks, because honest nodes come as high as it goes. */
  readonly thresholds: readonly (number | null)[];
  /** Whether enough node-weeks came so high to count them, or their tail was drawn out beyond what was seen. */
  readonly basis: readonly ('counted' | 'extrapolated')[];
  /** With these thresholds, on node-weeks that they do not come from. */
  readonly heldOut: Rate;
}

/** How soon simulated work of a kind is found at a budget. */
export interface Delay {
  readonly budget: number;
  /** Share of runs found within a week, 0–1, with Wilson's interval of 95 %. */
  readonly found: number;
  readonly low: number;
  readonly high: number;
  /** Of all runs; null: not within a week. */
  readonly medianMinutes: number | null;
  readonly slowestTenthMinutes: number | null;
}

export interface DelayRow {
  readonly work: string;
  /** Share of its full output. */
  readonly strength: number;
  /** What is read of the node: `L3`, or `L3+N` with its traffic. */
  readonly level: string;
  readonly runs: number;
  readonly delays: readonly Delay[];
}

/** What honest simulated nodes reach, as thresholds of the sequential test. */
export interface BudgetCalibration {
  readonly command: string;
  /** What the nodes were: `synthetic`. */
  readonly data: string;
  /** How they were made, and what the figures do not say. */
  readonly notes: readonly string[];
  /** Of the model, the parameters and the statistic that were measured: it holds for no others. */
  readonly fingerprint: string;
  /** Honest node-weeks that the thresholds come from, and those that they were tried on. */
  readonly nodeWeeks: number;
  readonly heldOutNodeWeeks: number;
  /** Of the evidence of two windows of one run, 0–1. */
  readonly correlation: number;
  /** By rising budget. */
  readonly budgets: readonly BudgetRow[];
  readonly delays: readonly DelayRow[];
  /** Largest sums of the first node-weeks, which a test makes again. */
  readonly sample: readonly (readonly number[])[];
}

/** Measured with the shipped model by the command that it names. */
export const SHIPPED_BUDGETS = calibration as BudgetCalibration;

/** Budgets that the table covers, alerts per 1,000 nodes and week. */
export const LEAST_BUDGET = 0.1;
export const MOST_BUDGET = 100;

/**
 * Sums from which evidence is raised at a budget, one for each memory; infinite where a memory never speaks. Between
 * two budgets of the table it goes by the logarithm of the budget; beyond its ends it stays.
 */
export function thresholdsFor(
  budget: number,
  { budgets }: Pick<BudgetCalibration, 'budgets'> = SHIPPED_BUDGETS,
): readonly number[] {
  const next = budgets.findIndex((row) => row.budget >= budget);
  const upper = budgets.at(next);
  const lower = budgets[Math.max(0, next - 1)];
  if (upper === undefined || lower === undefined) return [];
  if (next <= 0) return upper.thresholds.map(orNever);
  const part = Math.log(budget / lower.budget) / Math.log(upper.budget / lower.budget);
  return upper.thresholds.map((threshold, i) => {
    if (part === 1) return orNever(threshold);
    return (1 - part) * orNever(lower.thresholds[i]) + part * orNever(threshold);
  });
}

function orNever(threshold: number | null | undefined): number {
  return threshold ?? Number.POSITIVE_INFINITY;
}
