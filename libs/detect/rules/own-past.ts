import type { Ground } from '#libs/model/assessment.ts';
import { windowMean } from '../accumulate.ts';
import { reference } from '../history.ts';
import type { NodeWindow, Observed } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { inWords, round, show, smallestSpread, weigh } from '../spread.ts';

export interface OwnPastResult {
  /** One per metric, for the entity that is furthest from its past. */
  readonly grounds: readonly Ground[];
  readonly worst: Observed | null;
  /** Metrics that have a reference, and are within it on every entity. */
  readonly usual: ReadonlySet<string>;
  /** No metric has a reference yet. */
  readonly young: boolean;
}

interface Distance {
  readonly observed: Observed;
  readonly median: number;
  readonly z: number;
}

/** Robust z of the tracked means against the node's own frozen reference: (mean − median) / scaled MAD. */
export function ownPast(node: NodeWindow, parameters: DetectParameters): OwnPastResult {
  const furthest = new Map<string, Distance>();
  for (const entity of node.entities) {
    for (let t = 0; t < entity.layout.tracked.length; t++) {
      const index = entity.layout.tracked[t]!;
      const mean = windowMean(entity.layout, entity.data, entity.at, index);
      const { median, scale } = reference(entity.history, entity.row, t);
      if (Number.isNaN(mean) || Number.isNaN(median)) continue;
      const metric = entity.layout.metrics[index]!;
      const z = (mean - median) / Math.max(scale, smallestSpread(metric, median, parameters));
      const known = furthest.get(metric.name);
      if (known && Math.abs(known.z) >= Math.abs(z)) continue;
      furthest.set(metric.name, { observed: { metric, entity, mean }, median, z });
    }
  }
  return conclude(furthest, parameters);
}

function conclude(furthest: ReadonlyMap<string, Distance>, parameters: DetectParameters): OwnPastResult {
  const grounds: Ground[] = [];
  const usual = new Set<string>();
  let worst: Distance | null = null;
  for (const [name, distance] of furthest) {
    if (Math.abs(distance.z) < parameters.ownPastZ) {
      usual.add(name);
      continue;
    }
    grounds.push(ground(distance, parameters));
    if (worst === null || Math.abs(distance.z) > Math.abs(worst.z)) worst = distance;
  }
  return { grounds, worst: worst?.observed ?? null, usual, young: furthest.size === 0 };
}

function ground({ observed, median, z }: Distance, parameters: DetectParameters): Ground {
  const { metric, entity, mean } = observed;
  return {
    rule: 'own-past',
    metric: metric.name,
    weight: weigh(Math.abs(z) / parameters.ownPastZ, parameters),
    observed: round(mean),
    expected: round(median),
    text: `${inWords(metric)} of ${entity.name} was ${show(metric, mean)}; its own past lies at ${show(metric, median)} (robust z ${z.toFixed(1)})`,
  };
}
