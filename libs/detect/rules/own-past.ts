import type { Ground } from '#libs/model/assessment.ts';
import { windowMean } from '../accumulate.ts';
import { reference } from '../history.ts';
import type { EntityWindow, NodeWindow, Observed } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { scalesOf, toSpreads } from '../scales.ts';
import { againstSeason } from '../season/season.ts';
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

interface Past {
  readonly level: number;
  readonly z: number;
  /** What `level` is the level of. */
  readonly where: string;
}

interface Distance extends Past {
  readonly observed: Observed;
}

/**
 * The tracked means against the node's own past: its hour of the week where that is known, else its first windows,
 * both frozen. Distances are counted in spreads (`toSpreads`): a rate that falls to a third is as far as one that
 * triples.
 */
export function ownPast(node: NodeWindow, parameters: DetectParameters): OwnPastResult {
  const furthest = new Map<string, Distance>();
  for (const entity of node.entities) {
    for (let t = 0; t < entity.layout.tracked.length; t++) {
      const index = entity.layout.tracked[t]!;
      const mean = windowMean(entity.layout, entity.data, entity.at, index);
      if (Number.isNaN(mean)) continue;
      const past =
        againstHour(node, entity, t, mean, parameters) ?? againstFirst(entity, t, mean, parameters);
      if (past === null) continue;
      const metric = entity.layout.metrics[index]!;
      const known = furthest.get(metric.name);
      if (known && Math.abs(known.z) >= Math.abs(past.z)) continue;
      furthest.set(metric.name, { ...past, observed: { metric, entity, mean } });
    }
  }
  return conclude(furthest, parameters);
}

function againstHour(
  node: NodeWindow,
  entity: EntityWindow,
  track: number,
  mean: number,
  parameters: DetectParameters,
): Past | null {
  const past = againstSeason(node, entity, track, mean, parameters);
  if (past === null) return null;
  const where = past.young
    ? 'at this hour of the week, which is still being learnt,'
    : 'at this hour of the week';
  return { level: past.level, z: past.z, where: `its own past ${where} lies` };
}

/** Robust z against the node's own frozen reference: distance from the median in scaled MADs. */
function againstFirst(
  { history, row, layout }: EntityWindow,
  track: number,
  mean: number,
  parameters: DetectParameters,
): Past | null {
  const { median, scale } = reference(history, row, track);
  if (Number.isNaN(median)) return null;
  const scales = scalesOf(layout, parameters);
  const metric = layout.metrics[layout.tracked[track]!]!;
  const spread = Math.max(1, scale / smallestSpread(metric, median, parameters));
  const z = (toSpreads(scales, track, mean) - toSpreads(scales, track, median)) / spread;
  return { level: median, z, where: 'its own past lies' };
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

function ground({ observed, level, z, where }: Distance, parameters: DetectParameters): Ground {
  const { metric, entity, mean } = observed;
  return {
    rule: 'own-past',
    metric: metric.name,
    weight: weigh(Math.abs(z) / parameters.ownPastZ, parameters),
    observed: round(mean),
    expected: round(level),
    text: `${inWords(metric)} of ${entity.name} was ${show(metric, mean)}; ${where} at ${show(metric, level)} (robust z ${z.toFixed(1)})`,
  };
}
