import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { SUMMARY_MS } from '#libs/model/frame.ts';
import type { TraceFrame } from '#libs/traces/recording/node-trace.ts';
import type { EvaluatedTrace } from './node-traces.ts';
import { areaUnderCurve, wilson } from './quality.ts';
import { behaviourOf } from './scores.ts';
import { percent, type Section } from './section.ts';
import { tally } from './tally.ts';

const POWER = gaugeOrdinal('gpu', 'gpu_power_watts');

interface Case {
  readonly pow: boolean;
  readonly flagged: boolean;
  readonly withoutPower: boolean;
}

/** The naive answers beside the detector's, on real windows: what a number above is worth. */
export function baselineSection(traces: readonly EvaluatedTrace[]): Section {
  const cases = traces.flatMap(casesOf);
  const pow = cases.filter((one) => one.pow);
  const ordinary = cases.filter((one) => !one.pow);
  const row = (name: string, answer: (one: Case) => number, words: string) => [
    name,
    percent(wilson(pow.filter((one) => answer(one) > 0).length, pow.length)),
    percent(wilson(ordinary.filter((one) => answer(one) > 0).length, ordinary.length)),
    areaUnderCurve(pow.map(answer), ordinary.map(answer)).toFixed(2),
    words,
  ];
  return {
    title: 'Naive answers on the real windows',
    note: `${pow.length} windows labelled proof-of-work, ${ordinary.length} ordinary. The real miners have no profiling counters: from utilisation and memory alone the detector says that it cannot tell.`,
    head: ['answer', 'true positives', 'false positives', 'AUC', 'what it shows'],
    rows: [
      row('nothing is proof-of-work', () => 0, 'the constant answer'),
      row('all is proof-of-work', () => 1, 'the constant answer'),
      row(
        'no GPU power column',
        (one) => Number(one.withoutPower),
        'sees who recorded, not what ran: forbidden',
      ),
      row('davylamp: flagged', (one) => Number(one.flagged), 'does not look at which columns there are'),
    ],
  };
}

function casesOf({ frames, windows }: EvaluatedTrace): Case[] {
  const seconds = SUMMARY_MS / 1000;
  const powered = new Set(
    frames.filter(hasPower).map(({ endSeconds }) => Math.ceil(endSeconds / seconds) * seconds),
  );
  return windows
    .filter(({ label }) => label !== '')
    .map(({ label, endSeconds, assessment }) => ({
      pow: label.startsWith('pow_'),
      flagged: assessment.conformity === 'deviates',
      withoutPower: !powered.has(endSeconds),
    }));
}

function hasPower({ entities }: TraceFrame): boolean {
  return entities.some(({ kind, gauges }) => kind === 'gpu' && !Number.isNaN(gauges[POWER] ?? Number.NaN));
}

/** The same traces as a poorer agent would have sent them. */
export function strippedSection(stripped: readonly EvaluatedTrace[]): Section {
  return {
    title: 'Runs with profiling counters, without them (L2)',
    note: 'A busy GPU without them is unknown and cannot be told; nothing may be flagged.',
    head: ['trace', 'label', 'windows', 'flagged', 'unknown', 'cannot tell'],
    rows: stripped.flatMap(({ trace, windows }) =>
      Object.entries(tally(windows)).map(([label, { windows: count, flagged, unknown, cannotTell }]) => [
        trace.id,
        label,
        count,
        flagged,
        unknown,
        cannotTell,
      ]),
    ),
  };
}

/** Each column that the detector reads is taken away in turn. */
export interface Ablation {
  readonly column: string;
  readonly traces: readonly EvaluatedTrace[];
}

export function ablationSection(whole: readonly EvaluatedTrace[], ablations: readonly Ablation[]): Section {
  const all = whole.flatMap(({ windows }) => windows.filter(({ label }) => label !== ''));
  return {
    title: 'One column less on the real runs with profiling counters',
    note: `${all.length} windows. A missing column adds nothing to any answer. It makes it weaker, and can make another ordinary behaviour the likeliest; what is flagged must not depend on it.`,
    head: ['without', 'flagged', 'cannot tell', 'recognised'],
    rows: [{ column: '–', traces: whole }, ...ablations].map(({ column, traces }) => {
      const tallies = traces.flatMap(({ windows }) => Object.entries(tally(windows)));
      const sum = (of: (one: (typeof tallies)[number]) => number) =>
        tallies.reduce((total, one) => total + of(one), 0);
      return [
        column,
        sum(([, one]) => one.flagged),
        sum(([, one]) => one.cannotTell),
        sum(([label, one]) => one.behaviours[behaviourOf(label) ?? 'B13'] ?? 0),
      ];
    }),
  };
}
