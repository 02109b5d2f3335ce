import type { Behaviour } from '#libs/model/behaviour.ts';
import { binOf, type EvidenceTables } from './model.ts';

/** How far evidence is believed. */
export interface ScoreParameters {
  /** No single feature speaks louder, in nats. */
  readonly termCap: number;
  /** Features of one window are correlated: what they say is taken down by this factor, 0–1. */
  readonly termDiscount: number;
  /** Probability before looking that a window is none of the known families. */
  readonly unknownPrior: number;
  /** … and that its behaviour is one that nobody declares as ordinary compute. */
  readonly rarePrior: number;
  /** No more than this probability is told for AI where tensor work is mostly on integers, 0–1. */
  readonly lookAlikeCeiling: number;
}

/** What one GPU's window speaks for. */
export interface Score {
  /** Probability of each behaviour, B13 among them; sums to 1. */
  readonly behaviours: Readonly<Partial<Record<Behaviour, number>>>;
  /**
   * The same as people are told. Integer products serve requests and draw lotteries alike, even at once, and counters
   * cannot tell (DOMAIN.md §8.1): beyond a ceiling AI is told as unknown.
   */
  readonly told: Readonly<Partial<Record<Behaviour, number>>>;
  /** Index of the most likely family among the rare, and among the others; −1: there is none. */
  readonly rare: number;
  readonly common: number;
  /** log odds of the rare behaviours against all else, the unknown among it, in nats. */
  readonly logOdds: number;
}

/** B4 to B10 of DOMAIN.md §8: what nobody declares as ordinary compute. */
export const RARE: ReadonlySet<Behaviour> = new Set(['B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10']);
const NOTHING: ReadonlySet<Behaviour> = new Set();
const AI: readonly Behaviour[] = ['B1', 'B2'];
/** The feature that shows tensor work on integers, and from where it is most of it. */
const INTEGERS = 'integer-tensor-share';
const MOSTLY = 0.5;

/**
 * Adds up the evidence of windows. Each feature that is readable gives each family the logarithm of how often its
 * windows look so against an even spread over the bins, bounded; a missing one gives nothing. That the window is of
 * no known family is the hypothesis of the even spread: it wins where every family is surprised.
 *
 * Source: Good, "Probability and the Weighing of Evidence" (1950), ch. 6: weights of evidence add up.
 */
export class Scorer {
  readonly tables: EvidenceTables;
  readonly #logPriors: Float64Array;
  readonly #logUnknown: number;
  readonly #rare: readonly boolean[];
  readonly #ceiling: number;
  /** Place of the feature of integers, −1 in tables without it, and its first bin that says mostly. */
  readonly #integers: number;
  readonly #mostly: number;
  /** Per family and feature the term of every bin, already bounded. */
  readonly #terms: readonly (readonly Float64Array[])[];

  constructor(tables: EvidenceTables, parameters: ScoreParameters) {
    this.tables = tables;
    this.#rare = tables.families.map(({ behaviour }) => RARE.has(behaviour));
    this.#ceiling = parameters.lookAlikeCeiling;
    this.#integers = tables.features.findIndex(({ name }) => name === INTEGERS);
    this.#mostly = binOf(tables.features[this.#integers]?.edges ?? [], MOSTLY);
    const priors = logPriors(tables, parameters);
    this.#logPriors = priors.families;
    this.#logUnknown = priors.even;
    this.#terms = tables.families.map(({ bins }) =>
      bins.map((density, feature) =>
        termsOf(density, tables.features[feature]!.edges.length + 1, parameters),
      ),
    );
  }

  /** Bin of every feature, −1 where it is absent. */
  bins(values: Float64Array): Int8Array {
    // What the tables do not have says nothing, as what was not measured.
    const bins = new Int8Array(values.length).fill(-1);
    this.tables.features.forEach(({ edges }, feature) => {
      bins[feature] = binOf(edges, values[feature]!);
    });
    return bins;
  }

  /** What a feature says for a family, in nats; 0: nothing. */
  term(family: number, feature: number, bin: number): number {
    return bin < 0 ? 0 : this.#terms[family]![feature]![bin]!;
  }

  /**
   * O(families × features).
   * @param declared behaviours that are on the node's declaration: they count with the others, not as rare
   */
  score(bins: Int8Array, declared: ReadonlySet<Behaviour> = NOTHING): Score {
    const { families } = this.tables;
    const logs = this.#logs(bins);
    let all = Math.exp(this.#logUnknown);
    const behaviours: Partial<Record<Behaviour, number>> = {};
    const best = { rare: -1, common: -1 };
    let odd = 0;
    for (let family = 0; family < families.length; family++) {
      const { behaviour } = families[family]!;
      const weight = Math.exp(logs[family]!);
      all += weight;
      behaviours[behaviour] = (behaviours[behaviour] ?? 0) + weight;
      const side = this.#rare[family] && !declared.has(behaviour) ? 'rare' : 'common';
      if (side === 'rare') odd += weight;
      if (best[side] < 0 || logs[family]! > logs[best[side]]!) best[side] = family;
    }
    behaviours.B13 = (behaviours.B13 ?? 0) + Math.exp(this.#logUnknown);
    for (const key of Object.keys(behaviours) as Behaviour[]) behaviours[key] = behaviours[key]! / all;
    const told = (bins[this.#integers] ?? -1) < this.#mostly ? behaviours : this.#atMost(behaviours);
    return { behaviours, told, ...best, logOdds: Math.log(odd) - Math.log(all - odd) };
  }

  /** AI up to the ceiling, the rest of it as unknown. */
  #atMost(behaviours: Score['behaviours']): Score['behaviours'] {
    const ai = AI.reduce((sum, behaviour) => sum + (behaviours[behaviour] ?? 0), 0);
    if (ai <= this.#ceiling) return behaviours;
    const told = { ...behaviours, B13: (behaviours.B13 ?? 0) + ai - this.#ceiling };
    for (const one of AI) told[one] = ((behaviours[one] ?? 0) * this.#ceiling) / ai;
    return told;
  }

  /** Bounded terms: their sum and its exponential stay far within a double. */
  #logs(bins: Int8Array): Float64Array {
    const logs = Float64Array.from(this.#logPriors);
    for (let family = 0; family < logs.length; family++) {
      for (let feature = 0; feature < bins.length; feature++)
        logs[family]! += this.term(family, feature, bins[feature]!);
    }
    return logs;
  }
}

/** A family whose windows never had the feature, as idle ones have no shares of their work, is surprised by any value. */
function termsOf(
  density: readonly number[] | null,
  bins: number,
  { termCap, termDiscount }: Pick<ScoreParameters, 'termCap' | 'termDiscount'>,
): Float64Array {
  return Float64Array.from(density ?? new Array<number>(bins).fill(0), (probability) => {
    const nats = Math.log(probability * bins);
    return termDiscount * Math.max(-termCap, Math.min(termCap, nats));
  });
}

/** The unknown shares its probability among the undescribed and the even spread; within each group all weigh alike. */
function logPriors(
  { families }: EvidenceTables,
  { rarePrior, unknownPrior }: ScoreParameters,
): { readonly families: Float64Array; readonly even: number } {
  const groups = families.map(({ behaviour }) => groupOf(behaviour));
  const size = (group: string) => groups.filter((one) => one === group).length;
  const each = {
    rare: rarePrior / size('rare'),
    unknown: unknownPrior / (size('unknown') + 1),
    common: (1 - rarePrior - unknownPrior) / size('common'),
  };
  return {
    families: Float64Array.from(groups, (group) => Math.log(each[group])),
    even: Math.log(each.unknown),
  };
}

function groupOf(behaviour: Behaviour): 'rare' | 'unknown' | 'common' {
  if (behaviour === 'B13') return 'unknown';
  return RARE.has(behaviour) ? 'rare' : 'common';
}
