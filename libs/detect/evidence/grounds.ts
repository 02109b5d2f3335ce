import type { Ground } from '#libs/model/assessment.ts';
import { BEHAVIOURS } from '#libs/model/behaviour.ts';
import { round } from '../spread.ts';
import type { FamilyModel } from './model.ts';
import type { Score, Scorer } from './score.ts';

/** Grounds that are shown of each side. */
export const SHOWN = 4;
/** A term below this many nats is not worth a sentence. Starting value. */
export const LEAST_NATS = 0.2;

/** A feature as grounds speak of it. */
export interface SpokenFeature {
  readonly words: string;
  readonly metric: string;
  readonly unit: 'ratio' | 'share' | 'log10 By/s' | 'log10 1/s' | 'number';
  /** `N`: it is of the whole node, whichever entity was weighed. */
  readonly level?: string;
}

/** One entity's window, weighed. */
export interface Scored {
  /** `host`, `gpu0` … */
  readonly entity: string;
  readonly values: Float64Array;
  readonly bins: Int8Array;
  readonly score: Score;
}

/** What speaks for the likeliest undeclared family, and against it, most first. */
export interface Grounds {
  readonly grounds: readonly Ground[];
  readonly counterGrounds: readonly Ground[];
}

/** @param features in the order of the values */
export function groundsOf(scored: Scored, scorer: Scorer, features: readonly SpokenFeature[]): Grounds {
  const terms = termsOf(scored, scorer);
  return {
    grounds: shown(scored, scorer, features, terms, 1),
    counterGrounds: shown(scored, scorer, features, terms, -1),
  };
}

/** What speaks against it alone. */
export function counterGroundsOf(
  scored: Scored,
  scorer: Scorer,
  features: readonly SpokenFeature[],
): readonly Ground[] {
  return shown(scored, scorer, features, termsOf(scored, scorer), -1);
}

/** The loudest terms of one side, in words. */
function shown(
  scored: Scored,
  scorer: Scorer,
  features: readonly SpokenFeature[],
  terms: readonly Term[],
  side: 1 | -1,
): Ground[] {
  return terms
    .filter(({ weight }) => side * weight > 0)
    .slice(0, SHOWN)
    .map((term) => groundOf(scored, scorer, features, term));
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
  features: readonly SpokenFeature[],
  { weight, feature: index }: Term,
): Ground {
  const { families } = scorer.tables;
  const [rare, common] = [families[score.rare]!, families[score.common]!];
  const feature = features[index]!;
  const value = values[index]!;
  const text =
    weight > 0
      ? sentence(feature, entity, value, rare, common)
      : sentence(feature, entity, value, common, rare);
  return {
    rule: 'behaviour',
    metric: feature.metric,
    weight: round(weight),
    observed: round(feature.unit.startsWith('log10') ? 10 ** value : value),
    expected: null,
    text,
  };
}

function sentence(
  feature: SpokenFeature,
  entity: string,
  value: number,
  more: FamilyModel,
  less: FamilyModel,
): string {
  const [often, seldom] = [inWords(more), inWords(less)];
  const of = feature.level === 'N' ? 'host' : entity;
  return `${feature.words} of ${of} was ${inUnit(feature, value)}: ${often} looks so more often than ${seldom}`;
}

/** The families of B13 stand for all that nobody has described. */
const inWords = ({ behaviour }: FamilyModel) =>
  behaviour === 'B13' ? 'work that is not described' : BEHAVIOURS[behaviour];

function inUnit({ unit }: SpokenFeature, value: number): string {
  if (unit === 'ratio') return `${(100 * value).toFixed(1)} %`;
  if (unit === 'log10 By/s') return bytesASecond(10 ** value);
  if (unit === 'log10 1/s') return `${(10 ** value).toPrecision(2)} a second`;
  return value.toPrecision(2);
}

function bytesASecond(rate: number): string {
  return rate < 1e5 ? `${(rate / 1e3).toPrecision(2)} kB/s` : `${(rate / 1e6).toPrecision(2)} MB/s`;
}
