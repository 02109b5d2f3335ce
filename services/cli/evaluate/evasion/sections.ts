import type { Section } from '../traces/section.ts';
import { percent } from '../traces/section.ts';
import type { Cell } from './cells.ts';
import { largestOf } from './search.ts';
import type { Suite } from './suite.ts';
import { isOf, type Judge } from './world.ts';

/** `L3`, or `L3 + band`. */
export function judgeName({ level, declared }: Judge): string {
  return declared === 'behaviours' ? level : `${level} + band`;
}

/** What is said above every table. */
export function caveat({ days, minutes, quick, seed }: Suite): string {
  const short = quick ? ' Quick: too few runs to rest anything on.' : '';
  return (
    `Synthetic: every run is a simulated machine, seed ${seed}; no figure is of a real miner. ${days} days a run, of which ` +
    `${minutes} minutes are simulated and judged, spread over all of it; the rest is taken to be like them.${short} ` +
    'L1 power, L2 + nvidia-smi, L3 + DCGM; the node declares the honest cover by its behaviours, or also (+ band) by ' +
    'the band of GPU power that five honest peers showed.'
  );
}

export function sectionsOf(suite: Suite): Section[] {
  return [
    worstSection(suite),
    honestSection(suite),
    wholeSection(suite),
    matrixSection(suite),
    hiddenSection(suite),
    uncountedSection(suite),
    replaySection(suite),
    tierSection(suite),
  ];
}

const share = (output: number): string => `${(100 * output).toFixed(0)} %`;

function worstSection(suite: Suite): Section {
  return {
    title: `Largest share of full mining output that stays undetected for ${suite.days} days (synthetic)`,
    note: 'By the best of all techniques for whoever hides; the technique in brackets.',
    head: ['family', ...suite.judges.map(judgeName)],
    rows: suite.families.map((family) => [
      family,
      ...suite.judges.map((judge) => {
        const worst = largestOf(suite.hidden, family, judge);
        return worst ? `${share(worst.output)} (${worst.technique})` : '–';
      }),
    ]),
  };
}

function honestSection({ honest, judges, days }: Suite): Section {
  const covers = [...new Set(honest.map(({ cover }) => cover))];
  return {
    title: 'False alarms on honest runs of the covers (synthetic)',
    note: `Share of honest nodes with a finding within ${days} days; Wilson's 95 % interval over runs. The band of power is that of other honest runs.`,
    head: ['honest cover', 'runs', ...judges.map(judgeName)],
    rows: covers.map((cover) => {
      const own = honest.filter((one) => one.cover === cover);
      const cells = judges.map((judge) => {
        const one = own.find(isOf(judge));
        return one ? percent(one.falseAlarms) : '–';
      });
      return [cover, own[0]?.runs ?? 0, ...cells];
    }),
  };
}

function wholeSection({ whole, days }: Suite): Section {
  return {
    title: `Whole runs of ${days} days, every second of them (synthetic)`,
    note: 'What the samples of the other tables leave out: the largest undetected shares at the richest level, and honest nodes. Declared by behaviours; without peers, on whom no finding of a declared node rests.',
    head: ['what', 'level', 'strength', 'windows', 'flagged', 'finding'],
    rows: whole.map(({ what, judge, strength, windows, flagged, minutesToFinding }) => [
      what,
      judge.level,
      strength === null ? '–' : strength.toFixed(2),
      windows,
      flagged,
      minutesToFinding === null ? 'none' : duration(minutesToFinding),
    ]),
  };
}

function matrixSection(suite: Suite): Section {
  const { cells, judges } = suite;
  return {
    title: 'Detection by technique and family, at the usual strength (synthetic)',
    note: 'Runs with a finding of all runs, and the median time from the start of mining to the end of the window that opens it.',
    head: ['technique', 'family', 'output', ...judges.map(judgeName)],
    rows: pairs(suite).map(([technique, family]) => {
      const own = cells.filter((one) => one.technique === technique && one.family === family);
      return [
        technique,
        family,
        share(own[0]?.output ?? 0),
        ...judges.map((judge) => cellText(own.find(isOf(judge)))),
      ];
    }),
  };
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '–';
  const when = cell.minutesToFinding === null ? '' : `, ${duration(cell.minutesToFinding)}`;
  return `${cell.found}/${cell.runs}${when}`;
}

function duration(minutes: number): string {
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${(minutes / 60).toFixed(0)} h` : `${(minutes / 1440).toFixed(1)} d`;
}

function hiddenSection(suite: Suite): Section {
  const { hidden, judges, days } = suite;
  return {
    title: `Output that stays undetected for ${days} days, by technique (synthetic)`,
    note: 'Activity integrated over the span, of full mining output: at the largest strength without a finding in any run of the search (quarters first, then bisection).',
    head: ['technique', 'family', ...judges.map(judgeName)],
    rows: pairs(suite).map(([technique, family]) => {
      const own = hidden.filter((one) => one.technique === technique && one.family === family);
      const cells = judges.map((judge) => own.find(isOf(judge)));
      return [technique, family, ...cells.map((one) => (one ? share(one.output) : '–'))];
    }),
  };
}

/** What is noted on declared nodes and opens nothing there. */
const UNCOUNTED = ['peers', 'own-past', 'cannot tell', 'unknown'] as const;

function uncountedSection({ cells, honest, families, judges }: Suite): Section {
  const plain = judges.filter(({ declared }) => declared === 'behaviours');
  const rows = UNCOUNTED.flatMap((rule) => [
    ...families.map((family) => [
      `${rule}: ${family}`,
      ...plain.map((judge) => {
        const own = cells.filter((one) => one.family === family && isOf(judge)(one));
        const missed = own.filter(({ found, runs }) => 2 * found < runs);
        const would = missed.filter(({ wouldHold, runs }) => 2 * wouldHold[rule] >= runs);
        return `${would.length} of ${missed.length} missed techniques`;
      }),
    ]),
    ...[...new Set(honest.map(({ cover }) => cover))].map((cover) => [
      `${rule}: honest ${cover}`,
      ...plain.map((judge) => {
        const one = honest.find((candidate) => candidate.cover === cover && isOf(judge)(candidate));
        return one ? `${one.wouldHold[rule]} of ${one.runs} runs` : '–';
      }),
    ]),
  ]);
  return {
    title: 'What opens no finding on a declared node, and what it would have said (synthetic)',
    note: 'Techniques that most runs of a family go undetected with: in how many of them the rule alone, a verdict of cannot tell, or B13 as the likeliest behaviour persisted in most runs; and in how many honest runs it did.',
    head: ['rule', ...plain.map(judgeName)],
    rows,
  };
}

function replaySection({ replayed }: Suite): Section {
  return {
    title: 'Honest telemetry sent again while the machine mines (synthetic)',
    note: 'Grade C is the best of in-band evidence alone; D: gaps or no valid seal; X: a contradiction. The detector compares a meter with a node only while the node is silent: watts that are apart (by more than 150 W and 10 %) on a node that reports open nothing.',
    head: [
      'sent again',
      'frames',
      'device time behind',
      'grades of windows',
      'findings',
      'in band W',
      'meter W',
    ],
    rows: replayed.map(({ way, fates, behindMinutes, grades, findings, inBandWatts, meterWatts, apart }) => [
      way,
      Object.entries(fates)
        .map(([fate, count]) => `${count} ${fate}`)
        .join(', '),
      behindMinutes === 0 ? 'no' : `${behindMinutes} min`,
      grades.join(', ') || 'no window',
      findings.join(', ') || 'none',
      inBandWatts === null ? '–' : Math.round(inBandWatts),
      Math.round(meterWatts),
      apart ? 'yes' : 'no',
    ]),
  };
}

function tierSection({ cheapTier }: Suite): Section {
  return { title: 'Hiding in the cheap tier', note: cheapTier, head: [], rows: [] };
}

function pairs({ cells, techniques, families }: Suite): (readonly [technique: string, family: string])[] {
  return techniques.flatMap((technique) =>
    families
      .filter((family) => cells.some((one) => one.technique === technique && one.family === family))
      .map((family) => [technique, family] as const),
  );
}
