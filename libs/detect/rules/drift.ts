import type { Ground } from '#libs/model/assessment.ts';
import { windowMean } from '../accumulate.ts';
import type { EntityWindow, NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { type Drift, driftOf, PACE_WIDTH } from '../season/pace.ts';
import { againstSeason } from '../season/season.ts';
import { inWords, round, weigh } from '../spread.ts';

const DAY_MS = 86_400_000;

interface Drifting {
  readonly entity: EntityWindow;
  readonly track: number;
  readonly drift: Drift;
}

/**
 * Metrics that have drifted from the node's own frozen hours of the week over days, each for the entity that has
 * drifted furthest: what comes so slowly that no window is unlike the past.
 */
export function drifts(node: NodeWindow, parameters: DetectParameters): readonly Ground[] {
  const furthest = new Map<string, Drifting>();
  for (const entity of node.entities) {
    const { baseline, row, layout } = entity;
    if (baseline === null) continue;
    const pace = baseline.pace.page(row);
    for (let track = 0; track < layout.tracked.length; track++) {
      const drift = driftOf(pace, baseline.pace.at(row) + track * PACE_WIDTH, parameters);
      if (drift === null) continue;
      const { name } = layout.metrics[layout.tracked[track]!]!;
      if (drift.score > (furthest.get(name)?.drift.score ?? 0)) furthest.set(name, { entity, track, drift });
    }
  }
  return [...furthest.values()].map((one) => ground(node, one, parameters));
}

function ground(node: NodeWindow, { entity, track, drift }: Drifting, parameters: DetectParameters): Ground {
  const { layout, data, at, name } = entity;
  const index = layout.tracked[track]!;
  const metric = layout.metrics[index]!;
  const mean = windowMean(layout, data, at, index);
  const past = Number.isNaN(mean) ? null : againstSeason(node, entity, track, mean, parameters);
  const since = new Date(drift.sinceDay * DAY_MS).toISOString().slice(0, 10);
  const side = drift.side > 0 ? 'above' : 'below';
  return {
    rule: 'drift',
    metric: metric.name,
    weight: weigh(drift.score / parameters.driftThreshold, parameters),
    observed: Number.isNaN(mean) ? null : round(mean),
    expected: past === null ? null : round(past.level),
    text: `${inWords(metric)} of ${name} has lain ${side} its own past at the same hours of the week since ${since}, day by day (sum of ${drift.score.toFixed(1)} spreads)`,
  };
}
