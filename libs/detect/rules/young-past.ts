import type { Ground } from '#libs/model/assessment.ts';
import { windowMean } from '../accumulate.ts';
import { firstValues, reference } from '../history.ts';
import type { NodeTable } from '../node-table.ts';
import type { NodeWindow, Observed } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { inWords, round, show, smallestSpread, weigh } from '../spread.ts';

export interface YoungPastResult {
  readonly grounds: readonly Ground[];
  readonly worst: Observed | null;
}

interface Distance {
  readonly observed: Observed;
  readonly level: number;
  readonly z: number;
}

/**
 * A change against the node's first windows, as long as the reference of its own past is not complete: it weighs
 * half, and no finding rests on it alone. The first windows stay what they are, so that a slow ramp cannot move
 * them. Their spread is half of their range, or their metric's own: three values have no other worth the name.
 */
export function youngPast(table: NodeTable, node: NodeWindow, parameters: DetectParameters): YoungPastResult {
  const furthest = new Map<string, Distance>();
  let worst: Distance | null = null;
  for (const distance of distances(table, node, parameters)) {
    const { name } = distance.observed.metric;
    if (distance.z > (furthest.get(name)?.z ?? 0)) furthest.set(name, distance);
    if (distance.z > (worst?.z ?? 0)) worst = distance;
  }
  return {
    grounds: [...furthest.values()].map((one) => ground(one, parameters)),
    worst: worst?.observed ?? null,
  };
}

/** Of the metrics without a complete reference, those that are far from their first values. */
function* distances(table: NodeTable, node: NodeWindow, parameters: DetectParameters): Generator<Distance> {
  for (const entity of node.entities) {
    const { layout, history, row } = entity;
    for (let t = 0; t < layout.tracked.length; t++) {
      const index = layout.tracked[t]!;
      const mean = windowMean(layout, entity.data, entity.at, index);
      if (Number.isNaN(mean) || !Number.isNaN(reference(history, row, t).median)) continue;
      const first = firstValues(table, node, entity, t, parameters.youngWindows);
      if (first === null) continue;
      const metric = layout.metrics[index]!;
      const spread = Math.max((first.max - first.min) / 2, smallestSpread(metric, first.mean, parameters));
      const z = Math.abs(mean - first.mean) / spread;
      if (z >= parameters.ownPastZ) yield { observed: { metric, entity, mean }, level: first.mean, z };
    }
  }
}

function ground({ observed, level, z }: Distance, parameters: DetectParameters): Ground {
  const { metric, entity, mean } = observed;
  return {
    rule: 'young-past',
    metric: metric.name,
    weight: round(weigh(z / parameters.ownPastZ, parameters) / 2),
    observed: round(mean),
    expected: round(level),
    text: `${inWords(metric)} of ${entity.name} was ${show(metric, mean)}; its first ${parameters.youngWindows} windows lie at ${show(metric, level)} (young: ${z.toFixed(1)} times their spread)`,
  };
}
