import { FEATURES } from '#libs/detect/evidence/features.ts';
import type { EvidenceTables } from '#libs/detect/evidence/model.ts';
import { type Score, Scorer } from '#libs/detect/evidence/score.ts';
import { windowFeatures } from '#libs/detect/evidence/windows.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import type { EvaluatedTrace } from './node-traces.ts';

/** One window of one GPU, scored. */
export interface ScoredWindow {
  readonly trace: string;
  /** What it really is; null where no label says. */
  readonly behaviour: Behaviour | null;
  readonly score: Score;
}

const ORDINARY: readonly Behaviour[] = ['B0', 'B1', 'B2', 'B3'];
/**
 * Labels of trace files that name one behaviour. What a machine does for its owner, from compiling to serving pages,
 * has no behaviour of its own: it is other compute, as rendering is.
 */
const LABELS: Readonly<Record<string, Behaviour>> = {
  idle: 'B0',
  ai_training: 'B1',
  ai_inference: 'B2',
  render: 'B3',
  hpc: 'B3',
  ordinary: 'B3',
  pow_hash_gpu: 'B4',
  pow_matmul_gpu: 'B5',
  pow_cpu: 'B6',
  cryptographic_compute: 'B7',
  validator: 'B8',
  storage: 'B9',
  mixed: 'B11',
};

const PROFILE = ['sm', 'tensor-per-sm'].map((wanted) => FEATURES.findIndex(({ name }) => name === wanted));

/** The behaviour that a label of a trace names; null for none. */
export function behaviourOf(label: string): Behaviour | null {
  return LABELS[label] ?? null;
}

export function scorerOf(model: EvidenceTables): Scorer {
  return new Scorer(model, PARAMETERS);
}

/** The labelled windows of a trace's GPUs that have profiling counters. */
export function scoredWindows({ trace, frames, windows }: EvaluatedTrace, scorer: Scorer): ScoredWindow[] {
  const seconds = SUMMARY_MS / 1000;
  const byWindow = Map.groupBy(frames, ({ endSeconds }) => Math.ceil(endSeconds / seconds) * seconds);
  return windows.flatMap(({ endSeconds, label }) => {
    const behaviour = behaviourOf(label);
    if (label === '') return [];
    return windowFeatures(byWindow.get(endSeconds) ?? [])
      .filter(hasProfile)
      .map((values) => ({ trace: trace.id, behaviour, score: scorer.score(scorer.bins(values)) }));
  });
}

/** Whether a GPU's profiling counters were read. @param values in the order of the features of the evidence */
export function hasProfile(values: Float64Array): boolean {
  return PROFILE.some((feature) => !Number.isNaN(values[feature]));
}

export function isOrdinary(behaviour: Behaviour | null): boolean {
  return behaviour !== null && ORDINARY.includes(behaviour);
}

/** What a window would come back as on a node declared B0 to B3 without bounds. */
export function verdictOf({ told: behaviours, logOdds }: Score): {
  readonly flagged: boolean;
  readonly open: boolean;
  readonly likeliest: Behaviour;
  readonly aiProbability: number;
} {
  const flagged = logOdds >= PARAMETERS.flagLogOdds;
  const declared = ORDINARY.reduce((sum, behaviour) => sum + (behaviours[behaviour] ?? 0), 0);
  const likeliest = mostLikely(behaviours);
  return {
    flagged,
    open: likeliest === 'B13' || (!flagged && declared < PARAMETERS.conformProbability),
    likeliest,
    aiProbability: Math.max(behaviours.B1 ?? 0, behaviours.B2 ?? 0),
  };
}
