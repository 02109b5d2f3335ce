import type { Ground } from '#libs/model/assessment.ts';
import type { Bound, Declaration } from '#libs/model/declaration.ts';
import { type NodeWindow, type Observed, observations } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { inWords, round, show, smallestSpread, weigh } from '../spread.ts';

export interface EnvelopeResult {
  readonly grounds: readonly Ground[];
  /** Entity and metric that is furthest outside; null where nothing is. */
  readonly worst: Observed | null;
  /** Metrics that are declared and not measured on this node. */
  readonly missing: readonly string[];
}

/**
 * The declared bounds against the window's means. A maximum is compared with the highest entity, so that one GPU
 * in eight is seen; a minimum with the mean over the entities, so that a job on half of them is not accused.
 * @param idle an idle node stays below any minimum, and that is no deviation
 */
export function envelope(
  node: NodeWindow,
  declaration: Declaration,
  idle: boolean,
  parameters: DetectParameters,
): EnvelopeResult {
  const grounds: Ground[] = [];
  const missing: string[] = [];
  let worst: Observed | null = null;
  let furthest = 0;
  for (const bound of declaration.envelope) {
    const observed = observations(node, bound.metric);
    const highest = highestOf(observed);
    if (highest === null) {
      missing.push(bound.metric);
      continue;
    }
    for (const ground of crossings(bound, observed, highest, idle, parameters)) {
      grounds.push(ground);
      if (ground.weight <= furthest) continue;
      furthest = ground.weight;
      worst = highest;
    }
  }
  return { grounds, worst, missing };
}

function crossings(
  bound: Bound,
  observed: readonly Observed[],
  highest: Observed,
  idle: boolean,
  parameters: DetectParameters,
): Ground[] {
  const grounds: Ground[] = [];
  if (bound.max !== null) {
    const above = highest.mean - bound.max;
    const margin = marginOf(highest, bound.max, parameters);
    if (above > margin) grounds.push(ground(highest, highest.mean, bound.max, above / margin, parameters));
  }
  if (bound.min !== null && !idle) {
    const mean = observed.reduce((sum, one) => sum + one.mean, 0) / observed.length;
    const below = bound.min - mean;
    const margin = marginOf(highest, bound.min, parameters);
    if (below > margin) grounds.push(ground(highest, mean, bound.min, below / margin, parameters));
  }
  return grounds;
}

function ground(
  { metric, entity }: Observed,
  mean: number,
  bound: number,
  distance: number,
  parameters: DetectParameters,
): Ground {
  const side = mean > bound ? 'above the declared maximum' : 'below the declared minimum';
  const where = mean > bound && entity.name !== 'host' ? ` of ${entity.name}` : '';
  return {
    rule: 'envelope',
    metric: metric.name,
    weight: weigh(distance, parameters),
    observed: round(mean),
    expected: bound,
    text: `${inWords(metric)}${where} was ${show(metric, mean)}, ${side} of ${show(metric, bound)}`,
  };
}

/** A bound is exact where the values are small against the spread, e.g. a maximum of zero. */
function marginOf({ metric }: Observed, bound: number, parameters: DetectParameters): number {
  const { envelopeMarginRatio: margin } = parameters;
  return smallestSpread(metric, bound, { ...parameters, spreadRatio: margin, spreadRatioOfRates: margin });
}

function highestOf(observed: readonly Observed[]): Observed | null {
  let highest: Observed | null = null;
  for (const one of observed) if (highest === null || one.mean > highest.mean) highest = one;
  return highest;
}
