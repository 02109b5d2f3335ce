import { Random } from '#libs/traces/simulate/random.ts';
import { areaUnderCurve, type Share } from './quality.ts';

/** A score with the cluster it is of: windows of one family are no independent cases. */
export interface Clustered {
  readonly cluster: string;
  readonly score: number;
}

const DRAWS = 2_000;
const SEED = 13_000_000;

/**
 * Area under the curve with a 95 % interval from 2,000 draws of whole clusters, with replacement, of each kind by itself
 * (Field and Welsh, "Bootstrapping clustered data", 2007: the cluster bootstrap). With a handful of clusters it is too
 * narrow. The same scores give the same interval. NaN where a kind is empty.
 */
export function clusteredArea(positive: readonly Clustered[], negative: readonly Clustered[]): Share {
  const share = areaUnderCurve(scoresOf(positive), scoresOf(negative));
  const random = new Random(SEED);
  const kinds = [positive, negative].map((own) => [...Map.groupBy(own, ({ cluster }) => cluster).values()]);
  const drawn = () => kinds.map((clusters) => scoresOf(redrawn(clusters, random)));
  const areas = Array.from({ length: DRAWS }, () => {
    const [some = [], others = []] = drawn();
    return areaUnderCurve(some, others);
  }).sort((a, b) => a - b);
  const at = (ratio: number) => areas[Math.round(ratio * (DRAWS - 1))] ?? Number.NaN;
  return { share, low: at(0.025), high: at(0.975) };
}

function redrawn(clusters: readonly (readonly Clustered[])[], random: Random): Clustered[] {
  return clusters.flatMap(() => clusters[Math.floor(random.uniform() * clusters.length)] ?? []);
}

function scoresOf(some: readonly Clustered[]): number[] {
  return some.map(({ score }) => score);
}
