import { SHIPPED_MODEL } from '../evidence/shipped.ts';
import { type DetectParameters, PARAMETERS } from '../parameters.ts';
import { SHIPPED_CALIBRATION } from './calibration.ts';

/** A share with its interval of 95 %, all 0–1. */
export interface Told {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** How well one behaviour is told from another with what a level lets be read. */
export interface LevelSeparation {
  /** `L1`, `L2`, `L3` or `L3+N`. */
  readonly level: string;
  /** Of windows of steady matmul proof-of-work, and of such work that is held back or hidden. */
  readonly steady: Told;
  readonly hidden: Told;
}

/** How far one feature alone separates them. */
export interface FeatureSeparation {
  readonly words: string;
  readonly level: string;
  /** Cliff's delta, −1 to 1: above 0, proof-of-work has the higher values. */
  readonly effect: number;
}

/** Matmul proof-of-work (B5) against INT8 inference (B2), on simulated runs that no fit has seen. */
export interface Separation {
  /** Share of the windows of inference that are taken for the other at the threshold. */
  readonly mistaken: number;
  readonly windows: number;
  readonly levels: readonly LevelSeparation[];
  /** The largest effect first. */
  readonly features: readonly FeatureSeparation[];
}

/** What can be read of a node: as far as profiling counters, and its traffic as well. */
export type Sight = 'L3' | 'L3+N';

/** Features that a sentence names. */
const NAMED = 3;

const DUAL_USE =
  'One product that answers a request and draws a lot at once is no different to any of these counters.';

/**
 * What separates matmul proof-of-work from INT8 inference, and how well, for verdicts that have both among their
 * candidates. The figures are those of the shipped model: for another there are none.
 */
export function separationSentence(sight: Sight, isShipped: boolean): string {
  return isShipped
    ? SENTENCES[sight]
    : `How well matmul proof-of-work and INT8 inference are told apart was not measured for this model and these parameters. ${DUAL_USE}`;
}

/** Whether the figures hold for the tables and the parameters that are in force. */
export function isMeasured(tables: unknown, parameters: DetectParameters): boolean {
  return (
    tables === SHIPPED_MODEL &&
    parameters.termCap === PARAMETERS.termCap &&
    parameters.termDiscount === PARAMETERS.termDiscount
  );
}

/** The answer to whether the two can be told apart, for whoever reads how verdicts are decided. */
export function separationAnswer(): string {
  const { levels, mistaken } = SHIPPED_CALIBRATION.separation;
  const figures = levels
    .filter(({ level }) => level.startsWith('L3'))
    .map(({ level, steady, hidden }) => `${level} ${ofHundred(steady)}, or ${ofHundred(hidden)} held back`)
    .join('; ');
  return `Partly. Of 100 simulated windows of steady matmul proof-of-work as many are told from INT8 inference, at ${ofHundred({ share: mistaken })} in 100 mistaken: ${figures}. Below L3 nobody is judged by it: that simulated work differs there shows the simulator, recorded work does not. ${DUAL_USE}`;
}

function sentenceOf(sight: Sight): string {
  const { levels, features, mistaken } = SHIPPED_CALIBRATION.separation;
  const at = (level: string) => levels.find((one) => one.level === level);
  const [with_, without] = [at('L3+N'), at('L3')];
  if (with_ === undefined || without === undefined) return DUAL_USE;
  const best = features
    .filter(({ level }) => sight === 'L3+N' || level !== 'N')
    .slice(0, NAMED)
    .map(({ words }) => words)
    .join(', ');
  const seen = sight === 'L3+N' ? '' : ' Traffic is not seen on this node.';
  return `Matmul proof-of-work and INT8 inference look alike: with profiling counters and traffic ${figureOf(with_)}; without traffic ${figureOf(without)}; with nvidia-smi alone none is judged (${ofHundred({ share: mistaken })} in 100 windows of inference mistaken; synthetic).${seen} What separates them most: ${best}. ${DUAL_USE}`;
}

function figureOf({ steady, hidden }: LevelSeparation): string {
  return `${ofHundred(steady)} of 100 simulated windows of such proof-of-work are told from it, ${ofHundred(hidden)} where it is held back or hidden`;
}

function ofHundred({ share }: Pick<Told, 'share'>): string {
  return (100 * share).toFixed(0);
}

/** Each is built once and shared by all assessments. */
const SENTENCES: Readonly<Record<Sight, string>> = { L3: sentenceOf('L3'), 'L3+N': sentenceOf('L3+N') };
