import { type Example, fitEvidence } from '#libs/detect/evidence/fit.ts';
import type { Scorer } from '#libs/detect/evidence/score.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { FAMILIES, type Family } from '#libs/traces/families.ts';
import { areaUnderCurve, type Share, thresholdAt, wilson } from './quality.ts';
import { isOrdinary, type ScoredWindow, scorerOf, verdictOf } from './scores.ts';
import { percent, type Section } from './section.ts';
import { withoutTraffic } from './separation.ts';
import { simulatedExamples } from './synthetic.ts';

/**
 * Runs of a family that are evaluated, and seeds of those and of the runs that each leave-one-out fit learns from. They
 * are neither the model's nor those on which parameters were set (8,000,000 to 9,200,000).
 */
const RUNS = 60;
const SEED = 12_000_000;
const FIT_SEED = 11_000_000;
/** A run's windows are no independent cases: intervals count runs. */
const WINDOWS_OF_A_RUN = 10;

/** Windows of one family that no fit has seen, scored. */
export interface ScoredFamily {
  readonly family: Family;
  readonly windows: readonly ScoredWindow[];
  /** The same as of hosts whose traffic nobody sees (L3 without N). */
  readonly withoutTraffic: readonly ScoredWindow[];
}

/** @param step called after each family */
export function scoredFamilies(scorer: Scorer, step: () => void): ScoredFamily[] {
  return FAMILIES.map((family, index) => {
    const examples = simulatedExamples(family, RUNS, SEED + index);
    step();
    return { family, windows: score(examples, scorer), withoutTraffic: score(blinded(examples), scorer) };
  });
}

function blinded(examples: readonly Example[]): Example[] {
  return examples.map((example) => ({ ...example, values: withoutTraffic(example.values) }));
}

function score(examples: readonly Example[], scorer: Scorer): ScoredWindow[] {
  return examples.map(({ family, behaviour, values }) => ({
    trace: `synthetic ${family}`,
    behaviour,
    score: scorer.score(scorer.bins(values)),
  }));
}

/** Share of windows; the interval counts runs. */
function ofRuns(windows: readonly ScoredWindow[], holds: (window: ScoredWindow) => boolean): Share {
  const share = windows.filter(holds).length / windows.length;
  const runs = windows.length / WINDOWS_OF_A_RUN;
  return wilson(share * runs, runs);
}

/** Proof-of-work and the like, simulated, against real ordinary windows with the same counters. */
export function detectionSection(families: readonly ScoredFamily[], real: readonly ScoredWindow[]): Section {
  const ordinary = real
    .filter(({ behaviour }) => isOrdinary(behaviour))
    .map(({ score: { logOdds } }) => logOdds);
  const traces = new Set(real.map(({ trace }) => trace)).size;
  const thresholds = [0.001, 0.01].map((ratio) => thresholdAt(ordinary, ratio));
  const simulated = families
    .filter(({ family }) => isOrdinary(family.behaviour))
    .flatMap(({ windows }) => windows.map(({ score: { logOdds } }) => logOdds));
  thresholds.push(thresholdAt(simulated, 0.001));
  const above = (windows: readonly ScoredWindow[], threshold: number) =>
    percent(ofRuns(windows, ({ score: { logOdds } }) => logOdds > threshold));
  const rows = families
    .filter(({ family }) => isRare(family.behaviour))
    .map(({ family, windows, withoutTraffic: unseen }) => ({
      name: `synthetic ${family.name}`,
      flagged: ofRuns(windows, isFlagged),
      unseen: ofRuns(unseen, isFlagged),
      area: areaUnderCurve(
        windows.map(({ score: { logOdds } }) => logOdds),
        ordinary,
      ),
      windows,
    }))
    .sort((a, b) => a.flagged.share - b.flagged.share);
  const worst = rows[0]?.name ?? '–';
  return {
    title: 'Synthetic proof-of-work against real ordinary runs with profiling counters and traffic (L3+N)',
    note: `One window of one GPU each. Real: ${ordinary.length} windows of ${traces} runs, so the first two thresholds are their extremes: so few runs bound the share of runs with a false positive to ${percent(wilson(0, traces))}, and no better is claimed. Intervals are Wilson's, 95 %, and count runs. Worst family: ${worst}.`,
    head: [
      'family',
      'true positives at 0.1 % of real',
      'at 1 % of real',
      'at 0.1 % of synthetic ordinary',
      'as shipped',
      'as shipped, traffic not seen',
      'AUC against real',
    ],
    rows: rows.map(({ name, windows, flagged, unseen, area }) => [
      name,
      ...thresholds.map((threshold) => above(windows, threshold)),
      percent(flagged),
      percent(unseen),
      area.toFixed(3),
    ]),
  };
}

const isFlagged = ({ score: { logOdds } }: ScoredWindow) => logOdds >= PARAMETERS.flagLogOdds;

/** Ordinary compute, simulated: what would be flagged, and whether its behaviour is recognised. */
export function ordinarySection(families: readonly ScoredFamily[]): Section {
  const ordinary = families.filter(({ family }) => isOrdinary(family.behaviour));
  const windows = ordinary.flatMap((family) => family.windows);
  const flagged = ofRuns(windows, isFlagged);
  const unseen = ofRuns(
    ordinary.flatMap((family) => family.withoutTraffic),
    isFlagged,
  );
  return {
    title: 'Synthetic ordinary compute that no fit has seen',
    note: `Flagged in all: ${percent(flagged)} of ${windows.length} windows; where traffic is not seen: ${percent(unseen)}.`,
    head: ['family', 'flagged', 'recognised', 'unknown or cannot tell', 'highest log odds'],
    rows: ordinary.map(({ family, windows: own }) => [
      `synthetic ${family.name}`,
      percent(ofRuns(own, ({ score: one }) => verdictOf(one).flagged)),
      percent(ofRuns(own, ({ score: one }) => verdictOf(one).likeliest === family.behaviour)),
      percent(ofRuns(own, ({ score: one }) => verdictOf(one).open)),
      Math.max(...own.map(({ score: { logOdds } }) => logOdds)).toFixed(1),
    ]),
  };
}

/** What fits learn from that are made to be judged. @param runs simulated runs of each family */
export function fitExamples(runs: number): Example[] {
  return FAMILIES.flatMap((family, index) => simulatedExamples(family, runs, FIT_SEED + index));
}

/**
 * Each behaviour that nobody declares is left out of a fit in turn, and its windows are put to it.
 * @param examples of `fitExamples`
 * @param step called after each
 */
export function openSetSection(examples: readonly Example[], step: () => void): Section {
  const behaviours = [...new Set(FAMILIES.map(({ behaviour }) => behaviour))].filter(isRare);
  const rows = behaviours.flatMap((behaviour) => {
    const rest = examples.filter((one) => one.behaviour !== behaviour);
    const scorer = scorerOf(fitEvidence(rest));
    step();
    return FAMILIES.flatMap((family, index) => {
      if (family.behaviour !== behaviour) return [];
      const seen = simulatedExamples(family, RUNS, SEED + index);
      return [['L3+N', seen] as const, ['L3', blinded(seen)] as const].map(([sight, own]) => {
        const windows = score(own, scorer);
        const verdict = (holds: (one: ReturnType<typeof verdictOf>) => boolean) =>
          percent(ofRuns(windows, ({ score: one }) => holds(verdictOf(one))));
        return [
          `${behaviour}: synthetic ${family.name}`,
          sight,
          verdict(({ open }) => open),
          verdict(({ flagged }) => flagged),
          verdict(({ aiProbability }) => aiProbability > 0.6),
        ];
      });
    });
  });
  return {
    title: 'Open set: a behaviour that the fit has never seen (synthetic)',
    note: 'All families of the behaviour are left out; asked for is unknown or cannot tell, and never AI with confidence.',
    head: ['left out', 'readable', 'unknown or cannot tell', 'flagged as another', 'AI above 0.6'],
    rows,
  };
}

function isRare(behaviour: Behaviour): boolean {
  return !isOrdinary(behaviour) && behaviour !== 'B13';
}
