import type { Ground } from '#libs/model/assessment.ts';
import type { Metric } from '#libs/model/catalogue.ts';
import { robustFit } from '#libs/stats/robust.ts';
import type { DetectParameters } from '../parameters.ts';
import { inWords, round, show, smallestSpread, weigh } from '../spread.ts';

/** One member of a group of peers: its means in the order of {@link TRACKED_METRICS}, NaN where absent. */
export interface Peer {
  readonly node: string;
  readonly means: ArrayLike<number>;
}

/**
 * Each member against the group's median: robust z of its mean by the group's scaled MAD.
 * The group holds the member itself, which a median of five and more bears.
 * @returns grounds by node, of those that stand out; empty with fewer than `minPeers` beside a node
 */
export function peers(
  group: readonly Peer[],
  metrics: readonly Metric[],
  parameters: DetectParameters,
): Map<string, Ground[]> {
  const grounds = new Map<string, Ground[]>();
  metrics.forEach((metric, index) => {
    const having = group.filter(({ means }) => !Number.isNaN(means[index]));
    if (having.length <= parameters.minPeers) return;
    const { median, scale } = robustFit(
      Float64Array.from(having, ({ means }) => means[index]!),
      having.length,
    );
    const spread = Math.max(scale, smallestSpread(metric, median, parameters));
    for (const { node, means } of having) {
      const z = (means[index]! - median) / spread;
      if (Math.abs(z) < parameters.peersZ) continue;
      const ground = groundOf(metric, means[index]!, median, z, having.length - 1, parameters);
      grounds.set(node, [...(grounds.get(node) ?? []), ground]);
    }
  });
  return grounds;
}

function groundOf(
  metric: Metric,
  mean: number,
  median: number,
  z: number,
  count: number,
  parameters: DetectParameters,
): Ground {
  return {
    rule: 'peers',
    metric: metric.name,
    weight: weigh(Math.abs(z) / parameters.peersZ, parameters),
    observed: round(mean),
    expected: round(median),
    text: `${inWords(metric)} was ${show(metric, mean)}; ${count} peers with the same declaration and hardware lie at ${show(metric, median)} (robust z ${z.toFixed(1)})`,
  };
}
