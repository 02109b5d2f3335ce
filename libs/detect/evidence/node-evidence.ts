import type { Ground } from '#libs/model/assessment.ts';
import { type Behaviour, mostLikely } from '#libs/model/behaviour.ts';
import type { EntityWindow, NodeWindow } from '../node-window.ts';
import { round } from '../spread.ts';
import { FEATURES, isBusyGpu, readGpu, withTraffic } from './features.ts';
import { groundsOf, type Scored } from './grounds.ts';
import type { Score, Scorer } from './score.ts';
import { readTraffic } from './traffic.ts';

/** What the counters of a node's GPUs speak for, over one window. */
export interface NodeEvidence {
  /** Shares of the GPUs, each by its probabilities; sums to 1. */
  readonly behaviours: Readonly<Partial<Record<Behaviour, number>>>;
  /** That some of its GPUs do what nobody declares, less what so many GPUs say by chance; in nats. */
  readonly logOdds: number;
  /** Of the GPUs with profiling counters, and how many GPUs there are. */
  readonly scores: readonly Score[];
  readonly gpus: number;
  /** Its GPUs do different work: its traffic is left out. */
  readonly divided: boolean;
  /** What speaks for that behaviour, and against it, most first. */
  readonly grounds: readonly Ground[];
  readonly counterGrounds: readonly Ground[];
}

/** Without these a busy GPU may be anything: `nvidia-smi` alone cannot tell (DESIGN.md, Detection). */
const TELLING = FEATURES.flatMap(({ name }, index) =>
  ['sm', 'tensor-per-sm'].includes(name) ? [index] : [],
);

/**
 * Weighs every GPU that has profiling counters, with what its node moves. The traffic is the same for all of them, and
 * so read once; and it counts once, because a node's odds are those of its k-th loudest GPU and no sum. Where GPUs do
 * different work nobody can say whose the traffic is: then it speaks for none. Null where none has counters: then
 * they cannot tell.
 * @param declared behaviours of the declaration in force
 */
export function nodeEvidence(
  node: NodeWindow,
  scorer: Scorer,
  declared: ReadonlySet<Behaviour>,
): NodeEvidence | null {
  const gpus = node.entities.filter(({ layout }) => layout.kind === 'gpu');
  const read = gpus.map((gpu) => ({ gpu, values: readGpu(gpu) })).filter(({ values }) => isTelling(values));
  if (read.length === 0) return null;
  const score = ({ gpu, values }: ReadGpu): Scored => {
    const bins = scorer.bins(values);
    return { entity: gpu.name, values, bins, score: scorer.score(bins, declared) };
  };
  const busy = read.filter(({ gpu }) => isBusyGpu(gpu));
  const divided = busy.length > 1 && areDivided(busy.map(score));
  const traffic = trafficIn(node);
  const scored = read.map(({ gpu, values }) =>
    score({ gpu, values: divided ? values : withTraffic(values, traffic) }),
  );
  const loudest = scored.reduce((most, one) => (one.score.logOdds > most.score.logOdds ? one : most));
  return {
    behaviours: shares(scored, gpus.length),
    scores: scored.map((one) => one.score),
    gpus: gpus.length,
    divided,
    logOdds: oddsOfNode(
      scored.map((one) => one.score.logOdds),
      gpus.length,
    ),
    ...groundsOf(loudest, scorer, FEATURES),
  };
}

interface ReadGpu {
  readonly gpu: EntityWindow;
  readonly values: Float64Array;
}

/** Whether it has profiling counters. */
function isTelling(values: Float64Array): boolean {
  return TELLING.some((index) => !Number.isNaN(values[index]));
}

/** Whether those that work look most like different behaviours, by their own counters alone. */
function areDivided(busy: readonly Scored[]): boolean {
  return new Set(busy.map(({ score }) => mostLikely(score.behaviours))).size > 1;
}

function trafficIn({ entities }: NodeWindow): Float64Array {
  let host: EntityWindow | null = null;
  let busy = 0;
  for (const entity of entities) {
    if (entity.layout.kind === 'host') host = entity;
    else if (isBusyGpu(entity)) busy++;
  }
  return readTraffic(host, busy);
}

/**
 * The k loudest of n GPUs are all at least so loud by chance n / k times as often as one alone (Markov's inequality,
 * whatever their correlation; k = 1 is Bonferroni's): the best k, less that. One GPU in eight and all eight both show.
 *
 * Worked example: [3, 3, 3, 3] of 4 GPUs → 3; [3, −9, −9, −9] → 3 − ln 4 = 1.6.
 */
export function oddsOfNode(logOdds: readonly number[], gpus: number): number {
  const loudestFirst = [...logOdds].sort((a, b) => b - a);
  return Math.max(...loudestFirst.map((log, index) => log - Math.log(gpus / (index + 1))));
}

/** GPUs without profiling counters count as unknown. */
function shares(scored: readonly Scored[], gpus: number): Partial<Record<Behaviour, number>> {
  const sum: Partial<Record<Behaviour, number>> = { B13: (gpus - scored.length) / gpus };
  for (const { score } of scored) {
    for (const [behaviour, probability] of Object.entries(score.told) as [Behaviour, number][])
      sum[behaviour] = (sum[behaviour] ?? 0) + probability / gpus;
  }
  return Object.fromEntries(
    Object.entries(sum).map(([behaviour, probability]) => [behaviour, round(probability)]),
  );
}
