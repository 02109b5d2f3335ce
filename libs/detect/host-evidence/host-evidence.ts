import type { Ground } from '#libs/model/assessment.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { counterGroundsOf } from '../evidence/grounds.ts';
import { RARE, type Scorer } from '../evidence/score.ts';
import { fixedMean, type NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { isIdleGpu } from '../rules/idle.ts';
import { round } from '../spread.ts';
import { HOST_FEATURES, readHostFeatures } from './features.ts';

/**
 * What a busy host's counters speak for. There is nothing in it that could flag a window: hash loops and numerical
 * kernels read alike, and no false-alarm rate that would bear a flag could be measured (README.md).
 */
export interface HostEvidence {
  /** Sums to 1. */
  readonly behaviours: Readonly<Partial<Record<Behaviour, number>>>;
  /** Looking has not made what nobody declares clearly less likely than it was before: such a host is not clean. */
  readonly open: boolean;
  /** What speaks against proof-of-work, most first. */
  readonly counterGrounds: readonly Ground[];
}

/** Without it a busy CPU may do anything. */
const TELLING = HOST_FEATURES.findIndex(({ name }) => name === 'switches-per-thread');

/** Part of what a verdict that rests on it cannot see. */
export const HOST_UNSEEN =
  'Counters of a host show no instructions: hash loops and numerical kernels read alike, and B6 is never more than a possibility.';

/**
 * Weighs the host of a node whose CPU works while no GPU does. Null where something else is to be asked.
 * @param declared behaviours of the declaration in force
 */
export function hostEvidence(
  node: NodeWindow,
  scorer: Scorer,
  declared: ReadonlySet<Behaviour>,
  parameters: DetectParameters,
): HostEvidence | null {
  const host = node.entities[0];
  if (host?.layout.kind !== 'host' || !(fixedMean(host, 'cpu') >= parameters.busyCpuRatio)) return null;
  const gpus = node.entities.slice(1);
  if (!gpus.every((gpu) => isIdleGpu(gpu, parameters))) return null;
  const values = readHostFeatures(host);
  if (Number.isNaN(values[TELLING])) return null;
  const bins = scorer.bins(values);
  const score = scorer.score(bins, declared);
  const behaviours: Partial<Record<Behaviour, number>> = {};
  let rare = 0;
  for (const [behaviour, probability] of Object.entries(score.behaviours) as [Behaviour, number][]) {
    behaviours[behaviour] = round(probability);
    if (RARE.has(behaviour) && !declared.has(behaviour)) rare += probability;
  }
  return {
    behaviours,
    open: rare >= parameters.hostClearRatio * parameters.rarePrior,
    counterGrounds: counterGroundsOf({ entity: host.name, values, bins, score }, scorer, HOST_FEATURES),
  };
}
