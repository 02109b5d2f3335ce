import { FEATURES, type Level } from '#libs/detect/evidence/features.ts';
import type { Example } from '#libs/detect/evidence/fit.ts';
import type { Scorer } from '#libs/detect/evidence/score.ts';
import type {
  FeatureSeparation,
  LevelSeparation,
  Separation,
  Told,
} from '#libs/detect/explained/separation.ts';
import { FAMILIES } from '#libs/traces/families.ts';
import { areaUnderCurve, thresholdAt, wilson } from './quality.ts';
import { percent, type Section } from './section.ts';
import { simulatedExamples } from './synthetic.ts';

/** What each level lets be read: the features of it and of those below. */
const SIGHTS: readonly (readonly [name: string, levels: readonly Level[]])[] = [
  ['L1', ['L1']],
  ['L2', ['L1', 'L2']],
  ['L3', ['L1', 'L2', 'L3']],
  ['L3+N', ['L1', 'L2', 'L3', 'N']],
];
const STEADY = ['matmul-pow'];
const HIDDEN = ['matmul-pow-hidden'];
/** Served on request, or from a filled queue. */
const INFERENCE = ['inference-int8'];
/** Runs of each family, and their seed: neither the model's nor those that parameters were set on. */
const RUNS = 200;
const SEED = 13_000_000;
/** Two GPUs, five minutes: they are no independent cases, so intervals count runs. */
const WINDOWS_OF_A_RUN = 10;
const MISTAKEN = 0.01;
/** Smaller effects are called negligible (Romano et al., 2006). */
const LEAST_EFFECT = 0.147;

/** Matmul proof-of-work against INT8 inference by what is readable, on simulated runs that no fit has seen. */
export function measureSeparation(scorer: Scorer, runs = RUNS): Separation {
  const steady = examplesOf(STEADY, runs);
  const hidden = examplesOf(HIDDEN, runs);
  const inference = examplesOf(INFERENCE, runs);
  return {
    mistaken: MISTAKEN,
    windows: steady.length + hidden.length + inference.length,
    levels: SIGHTS.map(([level, levels]): LevelSeparation => {
      const ratio = ({ values }: Example) => logRatio(scorer, values, levels);
      const threshold = thresholdAt(inference.map(ratio), MISTAKEN);
      const told = (examples: readonly Example[]) =>
        ofRuns(examples.filter((one) => ratio(one) > threshold).length, examples.length);
      return { level, steady: told(steady), hidden: told(hidden) };
    }),
    features: FEATURES.flatMap(({ words, level }, index): FeatureSeparation[] => {
      const effect = cliffsDelta(valuesOf(steady, index), valuesOf(inference, index));
      return Math.abs(effect) >= LEAST_EFFECT ? [{ words, level, effect: rounded(effect) }] : [];
    }).sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect)),
  };
}

function examplesOf(names: readonly string[], runs: number): Example[] {
  return FAMILIES.flatMap((family, index) =>
    names.includes(family.name) ? simulatedExamples(family, runs, SEED + index) : [],
  );
}

/** The values of the features of some levels; the others are absent. */
function readable(values: Float64Array, levels: readonly Level[]): Float64Array {
  return values.map((value, index) => (levels.includes(FEATURES[index]?.level ?? 'L1') ? value : Number.NaN));
}

/** As of a host whose traffic nobody sees. */
export function withoutTraffic(values: Float64Array): Float64Array {
  return readable(values, ['L1', 'L2', 'L3']);
}

/** ln (B5 / B2) by the features of some levels. */
function logRatio(scorer: Scorer, values: Float64Array, levels: readonly Level[]): number {
  const { B5 = 0, B2 = 0 } = scorer.score(scorer.bins(readable(values, levels))).behaviours;
  return Math.log(B5) - Math.log(B2);
}

function ofRuns(hits: number, windows: number): Told {
  const runs = windows / WINDOWS_OF_A_RUN;
  const { share, low, high } = wilson((hits / windows) * runs, runs);
  return { share: rounded(share), low: rounded(low), high: rounded(high) };
}

const valuesOf = (examples: readonly Example[], feature: number) =>
  examples.map(({ values }) => values[feature] ?? Number.NaN).filter((value) => !Number.isNaN(value));

/** How much likelier a value of the one is above one of the other than below: 2 × area under the curve − 1. */
function cliffsDelta(some: readonly number[], others: readonly number[]): number {
  return some.length === 0 || others.length === 0 ? 0 : 2 * areaUnderCurve(some, others) - 1;
}

const rounded = (value: number): number => Number(value.toFixed(4));

export function separationSection({ levels, features, mistaken, windows }: Separation): Section {
  const best = features.map(({ words, level, effect }) => `${words} (${level}, ${effect.toFixed(2)})`);
  return {
    title: 'Synthetic matmul proof-of-work against synthetic INT8 inference, by what is readable',
    note: `${windows} windows of one GPU; intervals are Wilson's, 95 %, and count runs. Told at ${100 * mistaken} % of the windows of inference taken for the other. Half of the runs of inference work off a queue and move nothing over the network, a tenth to a quarter of those of proof-of-work neither, and on a quarter of the hosts something else does. Below L3 no verdict rests on it: that steady work differs in utilisation and power is the simulator’s doing; recorded miners and training do not (the sections above). What separates them, by Cliff's delta (above 0: proof-of-work is higher): ${best.join(', ')}. One product that answers a request and draws a lot at once is told by none of it.`,
    head: ['readable', 'steady proof-of-work told', 'held back or hidden'],
    rows: levels.map(({ level, steady, hidden }) => [level, percent(steady), percent(hidden)]),
  };
}
