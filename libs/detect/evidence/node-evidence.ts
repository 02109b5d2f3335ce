import type { Ground } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import type { EntityWindow, NodeWindow } from '../node-window.ts';
import { round } from '../spread.ts';
import { FEATURES, type Feature, readFeatures } from './features.ts';
import type { FamilyModel } from './model.ts';
import type { Score, Scorer } from './score.ts';

/** What the counters of a node's GPUs speak for, over one window. */
export interface NodeEvidence {
  /** Shares of the GPUs, each by its probabilities; sums to 1. */
  readonly behaviours: Readonly<Partial<Record<Behaviour, number>>>;
  /** That some of its GPUs do what nobody declares, less what so many GPUs say by chance; in nats. */
  readonly logOdds: number;
  /** What speaks for that behaviour, and against it, most first. */
  readonly grounds: readonly Ground[];
  readonly counterGrounds: readonly Ground[];
}

/** Without these a busy GPU may be anything: `nvidia-smi` alone cannot tell (DESIGN.md, Detection). */
const TELLING = FEATURES.flatMap(({ name }, index) =>
  ['sm', 'tensor-per-sm'].includes(name) ? [index] : [],
);
/** Grounds that are shown of each side. */
export const SHOWN = 4;
/** A term below this many nats is not worth a sentence. Starting value. */
export const LEAST_NATS = 0.2;

interface Scored {
  readonly entity: EntityWindow;
  readonly values: Float64Array;
  readonly bins: Int8Array;
  readonly score: Score;
}

/**
 * Weighs every GPU that has profiling counters. Null where none has: then counters cannot tell.
 * @param declared behaviours of the declaration in force
 */
export function nodeEvidence(
  node: NodeWindow,
  scorer: Scorer,
  declared: ReadonlySet<Behaviour>,
): NodeEvidence | null {
  const scored: Scored[] = [];
  let gpus = 0;
  for (const entity of node.entities) {
    if (entity.layout.kind !== 'gpu') continue;
    gpus++;
    const values = readFeatures(entity);
    if (TELLING.every((index) => Number.isNaN(values[index]))) continue;
    const bins = scorer.bins(values);
    scored.push({ entity, values, bins, score: scorer.score(bins, declared) });
  }
  let loudest = scored[0];
  if (loudest === undefined) return null;
  for (const one of scored) if (one.score.logOdds > loudest.score.logOdds) loudest = one;
  const speaker = loudest;
  const terms = termsOf(speaker, scorer);
  const shown = (side: readonly Term[]) =>
    side.slice(0, SHOWN).map((term) => groundOf(speaker, scorer, term));
  return {
    behaviours: shares(scored, gpus),
    logOdds: oddsOfNode(
      scored.map(({ score }) => score.logOdds),
      gpus,
    ),
    grounds: shown(terms.filter(({ weight }) => weight > 0)),
    counterGrounds: shown(terms.filter(({ weight }) => weight < 0)),
  };
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
    for (const [behaviour, probability] of Object.entries(score.behaviours) as [Behaviour, number][])
      sum[behaviour] = (sum[behaviour] ?? 0) + probability / gpus;
  }
  return Object.fromEntries(
    Object.entries(sum).map(([behaviour, probability]) => [behaviour, round(probability)]),
  );
}

/** Weight and place of a feature's term. */
interface Term {
  readonly weight: number;
  readonly feature: number;
}

/** Every feature's term between the likeliest rare family and the likeliest other, loudest first. */
function termsOf({ bins, score }: Scored, scorer: Scorer): Term[] {
  if (score.rare < 0 || score.common < 0) return [];
  const found: Term[] = [];
  for (let feature = 0; feature < bins.length; feature++) {
    const bin = bins[feature]!;
    const weight = scorer.term(score.rare, feature, bin) - scorer.term(score.common, feature, bin);
    if (Math.abs(weight) >= LEAST_NATS) found.push({ weight, feature });
  }
  return found.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

function groundOf(
  { entity, values, score }: Scored,
  scorer: Scorer,
  { weight, feature: index }: Term,
): Ground {
  const { families } = scorer.tables;
  const [rare, common] = [families[score.rare]!, families[score.common]!];
  const feature = FEATURES[index]!;
  const value = values[index]!;
  const text =
    weight > 0
      ? sentence(feature, entity.name, value, rare, common)
      : sentence(feature, entity.name, value, common, rare);
  return {
    rule: 'behaviour',
    metric: feature.metric,
    weight: round(weight),
    observed: round(feature.unit === 'log10 By/s' ? 10 ** value : value),
    expected: null,
    text,
  };
}

function sentence(
  feature: Feature,
  entity: string,
  value: number,
  more: FamilyModel,
  less: FamilyModel,
): string {
  const [often, seldom] = [inWords(more), inWords(less)];
  return `${feature.words} of ${entity} was ${inUnit(feature, value)}: ${often} looks so more often than ${seldom}`;
}

/** The families of B13 stand for all that nobody has described. */
const inWords = ({ behaviour }: FamilyModel) =>
  behaviour === 'B13' ? 'work that is not described' : BEHAVIOURS[behaviour];

function inUnit({ unit }: Feature, value: number): string {
  if (unit === 'ratio') return `${(100 * value).toFixed(1)} %`;
  if (unit === 'log10 By/s') return `${(10 ** value / 1e6).toPrecision(2)} MB/s`;
  return value.toPrecision(2);
}
