/**
 * `node test/bench/anomaly.ts FOLDER`: the generic anomaly detector on labelled public series (NAB v1.1 in FOLDER/nab,
 * SMD in FOLDER/smd, neither part of this repository), beside an exponentially weighted z-score.
 *
 * Every figure comes from one pass from a cold start with one configuration. The halves show what the parameters were
 * chosen on (every second file of a category) and what not; which views there are was decided with an eye on both
 * halves of NAB, so its other half is no clean hold-out. That of SMD is. Intervals are of 95 % by resampling files.
 */
import { availableParallelism, cpus } from 'node:os';
import process from 'node:process';
import { ALERT_SCORE, AnomalyDetector } from '#libs/detect/anomaly/detector.ts';
import { averagePrecision } from '#libs/stats/average-precision.ts';
import { bootstrapInterval, type Interval } from '#libs/stats/bootstrap.ts';
import { table } from '#services/cli/output.ts';
import { random } from '#test/support/random.ts';
import { type Machine, type NabSeries, readNab, readSmd } from './anomaly/corpus.ts';
import { davylamp, type Scorer, zScore } from './anomaly/detectors.ts';
import {
  bestNabScore,
  contribution,
  nabScore,
  PROFILES,
  type Profile,
  type ScoredSeries,
} from './anomaly/nab.ts';

const CONFIDENCE = 0.95;
const ROUNDS = 1000;
const SEED = 1;

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: node test/bench/anomaly.ts FOLDER   (expected FOLDER/nab and FOLDER/smd)');
  process.exit(64);
}
console.log(`${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`);
printNab(await readNab(folder));
printSmd(await readSmd(folder));

function printNab(series: readonly NabSeries[]): void {
  console.log(`\nNAB v1.1, ${series.length} series; 0 = never alerts, 100 = perfect`);
  const rows = [
    ['davylamp', davylamp],
    ['z-score', zScore],
  ] as const;
  const head = ['detector', 'series', 'profile', 'best threshold', `at ${ALERT_SCORE}`, '95 %'];
  const cells = rows.flatMap(([name, scorer]) => {
    const scored = series.map((one) => ({ ...one, rows: one.worth, scores: scorer(one) }));
    const groups = [
      ['all', scored],
      ['chosen on', scored.filter((one) => one.chosenOn)],
      ['other half', scored.filter((one) => !one.chosenOn)],
    ] as const;
    return groups.flatMap(([group, part]) =>
      Object.entries(PROFILES).map(([profile, weights]) => [
        name,
        group,
        profile,
        ...nabCells(part, weights),
      ]),
    );
  });
  console.log(table(head, cells));
  console.log(cost(series));
}

function nabCells(part: readonly ScoredSeries[], profile: Profile): string[] {
  const parts = part.map((one) => contribution(one, profile, ALERT_SCORE));
  const drawnScore = (drawn: Uint32Array) =>
    nabScore(
      Array.from(drawn, (i) => parts[i] ?? { total: 0, windows: 0 }),
      profile,
    );
  const interval = bootstrapInterval(parts.length, drawnScore, CONFIDENCE, ROUNDS, random(SEED));
  const best = bestNabScore(part, profile).score;
  return [best.toFixed(1), nabScore(parts, profile).toFixed(1), span(interval, 1)];
}

function printSmd(machines: readonly Machine[]): void {
  console.log(`\nSMD, ${machines.length} machines; area under the precision-recall curve`);
  const results = machines.map((machine) => ({
    machine,
    share: machine.labels.reduce((sum, label) => sum + label, 0) / machine.labels.length,
    ours: averagePrecision(davylamp(machine), machine.labels),
    naive: averagePrecision(zScore(machine), machine.labels),
  }));
  const cells = results.map(({ machine, share, ours, naive }) => [
    machine.name.replace(/_test.*/, ''),
    machine.chosenOn ? 'chosen on' : 'held out',
    ...[share, ours, naive].map((v) => v.toFixed(3)),
  ]);
  for (const [group, part] of [
    ['chosen on', results.filter((one) => one.machine.chosenOn)],
    ['held out', results.filter((one) => !one.machine.chosenOn)],
    ['all', results],
  ] as const) {
    cells.push(['mean', group, meanOf(part.map((one) => one.share)).toFixed(3)]);
    cells.at(-1)?.push(...[part.map((one) => one.ours), part.map((one) => one.naive)].map(meanWithInterval));
  }
  console.log(table(['machine', 'half', 'labelled', 'davylamp', 'z-score'], cells));
  console.log(cost(machines));
}

function meanWithInterval(values: readonly number[]): string {
  const drawnMean = (drawn: Uint32Array) => meanOf(Array.from(drawn, (i) => values[i] ?? Number.NaN));
  const interval = bootstrapInterval(values.length, drawnMean, CONFIDENCE, ROUNDS, random(SEED));
  return `${meanOf(values).toFixed(3)} (${span(interval, 3)})`;
}

/** Time a row of both, second pass, and state. */
function cost(series: readonly (NabSeries | Machine)[]): string {
  const rows = series.reduce((sum, one) => sum + one.times.length, 0);
  const columns = series[0]?.columns ?? 1;
  const time = (scorer: Scorer) => {
    for (const one of series) scorer(one);
    const start = process.cpuUsage();
    for (const one of series) scorer(one);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / rows;
  };
  const bytes = new AnomalyDetector(columns, 'week').byteLength;
  return `davylamp ${time(davylamp).toFixed(2)} µs a row of ${columns} (z-score ${time(zScore).toFixed(2)} µs); ${bytes} bytes of state, ${(bytes / columns).toFixed(0)} a column`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function span({ low, high }: Interval, digits: number): string {
  return `${low.toFixed(digits)} … ${high.toFixed(digits)}`;
}
