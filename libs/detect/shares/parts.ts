import type { Behaviour } from '#libs/model/behaviour.ts';
import type { Score, Scorer } from '../evidence/score.ts';
import { SHARED } from './panes.ts';

/** What a part of a node (a GPU, or all of it) shows in a window: how likely it looks so under each behaviour of {@link SHARED}. */
export interface Part {
  /** Of the node, 0–1. */
  readonly weight: number;
  /** Up to a common factor. */
  readonly likelihoods: Float64Array;
}

/** What a window showed of a node. */
export interface Shown {
  /** Everything that is measured says idle. */
  readonly idle: boolean;
  /** Its CPU works: a GPU that waits says nothing of the node. */
  readonly busyHost: boolean;
  /** Of the GPUs that have profiling counters. */
  readonly scores: readonly Score[];
  /** Those that have none among them. */
  readonly gpus: number;
}

const [IDLE, UNKNOWN] = [SHARED.indexOf('B0'), SHARED.indexOf('B13')];

/** The window as likelihoods: an idle node is surely idle, what has no profiling counters surely unknown. */
export function partsOf({ idle, busyHost, scores, gpus }: Shown, scorer: Scorer): readonly Part[] {
  if (idle) return SURELY_IDLE;
  if (scores.length === 0) return SURELY_UNKNOWN;
  const parts = scores.map(({ behaviours }) => {
    const likelihoods = likelihoodsOf(behaviours, scorer, busyHost);
    // A model may know behaviours that have no place in a pane.
    return likelihoods.some((one) => one > 0) ? { weight: 1 / gpus, likelihoods } : surely(UNKNOWN, 1 / gpus);
  });
  const blind = gpus - scores.length;
  return blind > 0 ? [...parts, surely(UNKNOWN, blind / gpus)] : parts;
}

/**
 * A window's probabilities carry the beliefs from before looking, which pull every share towards them: without those
 * they are likelihoods, each behaviour's families weighing alike.
 */
function likelihoodsOf(behaviours: Score['behaviours'], scorer: Scorer, busyHost: boolean): Float64Array {
  const priors = priorsOf(scorer);
  const likelihoods = Float64Array.from(SHARED, (behaviour, index) => {
    const prior = priors[index]!;
    return prior > 0 ? (behaviours[behaviour] ?? 0) / prior : 0;
  });
  if (!busyHost) return likelihoods;
  likelihoods[UNKNOWN] = Math.max(likelihoods[UNKNOWN]!, likelihoods[IDLE]!);
  likelihoods[IDLE] = 0;
  return likelihoods;
}

const known = new WeakMap<Scorer, Float64Array>();

/** What a scorer says of a window without a feature is what it believes before looking. */
function priorsOf(scorer: Scorer): Float64Array {
  const cached = known.get(scorer);
  if (cached) return cached;
  const nothing = new Int8Array(scorer.tables.features.length).fill(-1);
  const { behaviours } = scorer.score(nothing);
  const priors = Float64Array.from(SHARED, (behaviour: Behaviour) => behaviours[behaviour] ?? 0);
  known.set(scorer, priors);
  return priors;
}

function surely(behaviour: number, weight: number): Part {
  const likelihoods = new Float64Array(SHARED.length);
  likelihoods[behaviour] = 1;
  return { weight, likelihoods };
}

const SURELY_IDLE = [surely(IDLE, 1)];
const SURELY_UNKNOWN = [surely(UNKNOWN, 1)];
