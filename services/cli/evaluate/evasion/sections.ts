import type { Section } from '../traces/section.ts';
import { percent } from '../traces/section.ts';
import type { Cell } from './cells.ts';
import { ALL_HONEST } from './honest.ts';
import { largestOf } from './search.ts';
import type { Suite } from './suite.ts';
import { isOf, type Judge } from './world.ts';

/** `L3`, `L3 + band`, or `L3, cheap`. */
export function judgeName({ level, declared, tier }: Judge): string {
  const name = declared === 'behaviours' ? level : `${level} + band`;
  return tier === 'rich' ? name : `${name}, cheap`;
}

/** What is said above every table. */
export function caveat({ days, minutes, quick, extent, seed }: Suite): string {
  const { runs, searchRuns, honestRuns, parts } = extent;
  const short = quick
    ? ' Quick: too few runs to rest anything on; for the change from one version to the next.'
    : '';
  return (
    `Synthetic: every run is a simulated machine, seed ${seed}; no figure is of a real miner. ${days} days a run, of which ` +
    `${minutes} minutes are simulated and judged, spread over all of it; the rest is taken to be like them. Runs: ${runs} of each ` +
    `technique and family, ${searchRuns} of each of at most ${parts} strengths in the search, ${honestRuns} of an honest cover.${short} ` +
    'L1 power, L2 + nvidia-smi, L3 + DCGM, N + the rates, connections and flows of the network; the node declares the ' +
    'honest cover by its behaviours, or also (+ band) by the band of GPU power that its honest peers showed, and says ' +
    'that it works on their job. Cheap: the node is in the cheap tier, all the time.'
  );
}

export function sectionsOf(suite: Suite): Section[] {
  return [
    aimSection(suite),
    worstSection(suite),
    honestSection(suite),
    wholeSection(suite),
    matrixSection(suite),
    hiddenSection(suite),
    notedSection(suite),
    replaySection(suite),
    tierSection(suite),
  ];
}

const share = (output: number): string => `${(100 * output).toFixed(0)} %`;

/** What is asked of the richest level: all but a tenth found, at no more than one false alarm in a hundred. */
const AIM = { detection: 0.9, falseAlarms: 0.01 };

function aimSection({ judges, cells, honest }: Suite): Section {
  const rows = judges.map((judge) => {
    const own = cells.filter(isOf(judge));
    const rate = ({ found, runs }: Cell) => found / runs;
    const worst = own.toSorted((a, b) => rate(a) - rate(b))[0];
    const all = honest.find((one) => one.cover === ALL_HONEST && isOf(judge)(one));
    return [
      judgeName(judge),
      all ? percent(all.falseAlarms) : '–',
      `${own.filter((cell) => rate(cell) >= AIM.detection).length} of ${own.length}`,
      worst ? `${worst.found}/${worst.runs} (${worst.technique}, ${worst.family})` : '–',
      own.reduce((sum, { byPeersAlone }) => sum + byPeersAlone, 0),
    ];
  });
  return {
    title: 'At a glance (synthetic)',
    note: `Asked of L3+N: in every technique and family at least ${100 * AIM.detection} % of the runs found, with findings on at most ${100 * AIM.falseAlarms} % of honest nodes a run. Peers alone: findings that only the comparison with nodes of the same job spoke for as they opened; who gives its work another job's name keeps them away.`,
    head: ['level', 'false alarms', 'pairs found', 'worst pair', 'by peers alone'],
    rows,
  };
}

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
      return [cover, Math.max(...own.map(({ runs }) => runs)), ...cells];
    }),
  };
}

function wholeSection({ whole, days }: Suite): Section {
  return {
    title: `Whole runs of ${days} days, every second of them (synthetic)`,
    note: 'What the samples of the other tables leave out: the largest undetected shares at the richest level, and honest nodes. Declared by behaviours.',
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

/** What is noted on declared nodes, whether or not a finding rests on it. */
const NOTED = ['peers', 'own-past', 'cannot tell', 'unknown'] as const;

function notedSection({ cells, honest, families, judges }: Suite): Section {
  const plain = judges.filter(({ declared }) => declared === 'behaviours');
  const rows = NOTED.flatMap((rule) => [
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
    title: 'What single rules say, also those that open no finding on a declared node (synthetic)',
    note: 'Techniques that most runs of a family go undetected with: in how many of them the rule alone, a verdict of cannot tell, or B13 as the likeliest behaviour persisted in most runs; and in how many honest runs it did.',
    head: ['rule', ...plain.map(judgeName)],
    rows,
  };
}

function replaySection({ replayed }: Suite): Section {
  return {
    title: 'Honest telemetry sent again while the machine mines (synthetic)',
    note: 'Grade C is the best of in-band evidence alone; D: gaps or no valid seal; X: a contradiction. A meter of its own is beside the node: watts that are apart (by more than 150 W and 10 %, over 15 minutes) contradict it, and watts that are alike do not, whatever the machine does.',
    head: [
      'sent again',
      'frames',
      'device time behind',
      'grades of windows',
      'findings',
      'in band W',
      'meter W',
      'contradicted after',
    ],
    rows: replayed.map((one) => [
      one.way,
      Object.entries(one.fates)
        .map(([fate, count]) => `${count} ${fate}`)
        .join(', '),
      one.behindMinutes === 0 ? 'no' : `${one.behindMinutes} min`,
      one.grades.join(', ') || 'no window',
      one.findings.join(', ') || 'none',
      one.inBandWatts === null ? '–' : Math.round(one.inBandWatts),
      Math.round(one.meterWatts),
      one.minutesToMismatch === null ? '–' : duration(one.minutesToMismatch),
    ]),
  };
}

/** How the judge in the cheap tier compares with the one that differs from it in the tier alone. */
function tierSection({ judges, cells, hidden, families, days }: Suite): Section {
  const cheap = judges.filter(({ tier }) => tier === 'cheap');
  const compared = cheap.flatMap((judge) => [{ ...judge, tier: 'rich' as const }, judge]);
  const found = (family: string, judge: Judge) => {
    const own = cells.filter((one) => one.family === family && isOf(judge)(one));
    const sum = (count: (cell: Cell) => number) => own.reduce((all, cell) => all + count(cell), 0);
    return `${sum((cell) => cell.found)}/${sum(({ runs }) => runs)}, ${slowest(own)}`;
  };
  const largest = (family: string, judge: Judge) => {
    const worst = largestOf(hidden, family, judge);
    return worst ? `${share(worst.output)} (${worst.technique})` : '–';
  };
  return {
    title: 'Hiding in the cheap tier (synthetic)',
    note:
      'The node is never watched more closely, as if it knew when its turns in the rich tier come and were honest then; in one hour of 24, on average, it must be. ' +
      `Runs found of all techniques, with the slowest median time to a finding; and the largest share of full output that stays undetected for ${days} days.`,
    head: ['family', ...compared.flatMap((judge) => [`${judgeName(judge)}: found`, 'largest share'])],
    rows: families.map((family) => [
      family,
      ...compared.flatMap((judge) => [found(family, judge), largest(family, judge)]),
    ]),
  };
}

function slowest(cells: readonly Cell[]): string {
  const minutes = cells.flatMap(({ minutesToFinding }) => minutesToFinding ?? []);
  return minutes.length === 0 ? 'never' : duration(Math.max(...minutes));
}

function pairs({ cells, techniques, families }: Suite): (readonly [technique: string, family: string])[] {
  return techniques.flatMap((technique) =>
    families
      .filter((family) => cells.some((one) => one.technique === technique && one.family === family))
      .map((family) => [technique, family] as const),
  );
}
