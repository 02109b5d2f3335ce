import type { Assessment } from '#libs/model/assessment.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import { areaInWords, familiesOf, isPow, LEAST_FAMILIES } from './families.ts';
import { type LeftOut, type LeftOutWindow, leaveOut } from './left-out-hosts.ts';
import { type Share, thresholdAt, wilson } from './quality.ts';
import type { HostRun } from './recorded-hosts.ts';
import { percent, type Section } from './section.ts';

const HPC = 'hpc';

/** Busy hosts without GPUs, each family put to a fit that has not seen it. Empty with too few families. */
export function hostSections(runs: readonly HostRun[]): Section[] {
  if (new Set(runs.map(({ family }) => family)).size < LEAST_FAMILIES) return [];
  const byFamily = leaveOut(runs, ({ family }) => family);
  const pow = byFamily.windows.filter(isPow);
  if (pow.length === 0 || pow.length === byFamily.windows.length) return [familySection(byFamily)];
  const byKind = leaveOut(runs, ({ family, label }) => (label === HPC ? HPC : family));
  return [familySection(byFamily), rankingSection(byFamily, byKind), thresholdSection(byFamily)];
}

function familySection({ assessed }: LeftOut): Section {
  const families = [...Map.groupBy(assessed, ([{ family }]) => family)].sort(
    ([, [a]], [, [b]]) => Number(a && isPow(a[0])) - Number(b && isPow(b[0])),
  );
  return {
    title: 'Hosts without GPUs: one family left out',
    note: `Each family of recordings is put to a fit of all others, as stage 1 would, under a declaration of B0 to B3. Windows are labelled throughout. Nothing that a host’s counters say can flag a window: only probabilities and counter-reasons move.`,
    head: [
      'family',
      'label',
      'recordings',
      'windows',
      'flagged',
      'unknown',
      'cannot tell',
      'likeliest',
      'mean probability of B6',
    ],
    rows: families.map(([family, own]) => {
      const said = own.flatMap(([, assessments]) => assessments);
      const count = (holds: (one: Assessment) => boolean) => said.filter(holds).length;
      return [
        family,
        [...new Set(own.map(([{ label }]) => label))].join(', '),
        own.length,
        said.length,
        count(({ conformity }) => conformity === 'deviates'),
        count(({ behaviours }) => mostLikely(behaviours) === 'B13'),
        count(({ conformity }) => conformity === 'cannot tell'),
        likeliestOf(said),
        meanOf(said.map(({ behaviours }) => behaviours.B6 ?? 0)).toFixed(2),
      ];
    }),
  };
}

function likeliestOf(said: readonly Assessment[]): string {
  return [...Map.groupBy(said, ({ behaviours }) => mostLikely(behaviours))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([behaviour, own]) => `${behaviour} ${own.length}`)
    .join(', ');
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rankingSection(byFamily: LeftOut, byKind: LeftOut): Section {
  const pow = byFamily.windows.filter(isPow);
  const honest = byFamily.windows.filter((window) => !isPow(window));
  const row = (name: string, isIn: (window: LeftOutWindow) => boolean) => {
    const own = honest.filter(isIn);
    return [
      name,
      familiesOf(own),
      own.length,
      areaInWords(pow, own, ({ logOdds }) => logOdds),
      areaInWords(pow, own, ({ cpu }) => cpu),
    ];
  };
  const kernels = byKind.windows.filter(({ label }) => label === HPC);
  return {
    title: 'Hosts without GPUs: hash loops ranked above honest work',
    note: `Area under the curve of the log odds of ${pow.length} busy windows of ${familiesOf(pow)} families of hash loops; 0.5 is chance. Far below it is no skill either: of two that read alike, the one that is left out is taken for the other. Intervals are 95 %, of whole families drawn with replacement; from so few families they are too narrow.`,
    head: ['against', 'families', 'windows', 'area under the curve', 'of CPU utilisation alone'],
    rows: [
      row('all honest work', () => true),
      row('honest work without numerical kernels', ({ label }) => label !== HPC),
      row('numerical kernels, one family left out', ({ label }) => label === HPC),
      [
        'numerical kernels, all left out together',
        familiesOf(kernels),
        kernels.length,
        areaInWords(byKind.windows.filter(isPow), kernels, ({ logOdds }) => logOdds),
        '',
      ],
    ],
  };
}

function thresholdSection({ windows }: LeftOut): Section {
  const pow = windows.filter(isPow);
  const honest = windows.filter((window) => !isPow(window)).map(({ logOdds }) => logOdds);
  const families = familiesOf(windows.filter((window) => !isPow(window)));
  const row = (name: string, ratio: number) => {
    const threshold = thresholdAt(honest, ratio);
    return [
      name,
      threshold.toFixed(2),
      honest.filter((odds) => odds > threshold).length,
      percent(ofFamilies(pow, ({ logOdds }) => logOdds > threshold)),
    ];
  };
  return {
    title: 'Hosts without GPUs: found at a fixed rate of false alarms, were there flags',
    note: `${honest.length} honest windows of ${families} families. Intervals are Wilson’s, 95 %, and count families. That none of ${families} families is above a threshold bounds the share of families that would be at ${(100 * wilson(0, families).high).toFixed(0)} %: no rate of 1 % can be shown, so none is claimed and nothing is flagged.`,
    head: ['honest windows above', 'log odds', 'of them', 'hash loops above'],
    rows: [row('none', 0), row('at most one in ten', 0.1)],
  };
}

/** Share of windows; the interval counts families. */
function ofFamilies(windows: readonly LeftOutWindow[], holds: (window: LeftOutWindow) => boolean): Share {
  const families = familiesOf(windows);
  return wilson((windows.filter(holds).length / windows.length) * families, families);
}
