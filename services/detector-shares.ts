/**
 * Measures on simulated days how well the shares of behaviours over 24 hours are told, with runs that no fit has seen:
 * `node services/detector-shares.ts [PART OF A NAME]`. The tables of libs/detect/shares/README.md are its output: synthetic.
 */
import process from 'node:process';
import { RARE, Scorer } from '#libs/detect/evidence/score.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { windowFeatures } from '#libs/detect/evidence/windows.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { addWindow, tellShares } from '#libs/detect/shares/estimate.ts';
import { SharePanes } from '#libs/detect/shares/panes.ts';
import { partsOf } from '#libs/detect/shares/parts.ts';
import { sharesGrounds } from '#libs/detect/shares/rule.ts';
import type { BehaviourShares } from '#libs/model/assessment.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { DEFAULT_INTERVAL_MS, SUMMARY_MS } from '#libs/model/frame.ts';
import { FAMILIES } from '#libs/traces/families.ts';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import { sideBySide, timeShare } from '#libs/traces/simulate/mixture.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { notebook } from '#libs/traces/simulate/workloads/notebook.ts';
import { variedRun } from '#libs/traces/vary.ts';

/** Neither the model's seeds nor those on which parameters were set (13,000,000). */
const SEED = 14_000_000;
const DAYS = 24;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday, on a whole period of every mixture. */
const START_MS = Date.UTC(2026, 10, 23);
/** Two hours: hours of one and of the other in turn. */
const PERIOD_SECONDS = 7_200;
const MACHINES = [HARDWARE.h100x8, HARDWARE.a100x8, HARDWARE.v100x4, HARDWARE.l40sx4];
const NODE = 'simulated';
const MOST_OFF = 0.05;
const ORDINARY: ReadonlySet<Behaviour> = new Set(['B0', 'B1', 'B2', 'B3']);

/** What is told of 24 hours of one GPU, window by window; the node's hours begin within the 25th. Simulated. */
export function sharesOfDay(workload: Workload, seed: number): BehaviourShares | null {
  const hardware = { ...(MACHINES[seed % MACHINES.length] ?? HARDWARE.h100x8), gpus: 1 };
  const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  const machine = new Machine({ name: NODE, hardware, shifts, flows: false, seed });
  const scorer = new Scorer(SHIPPED_MODEL, PARAMETERS);
  const panes = new SharePanes();
  for (const slab of panes.slabs) slab.ensure(1);
  let told: BehaviourShares | null = null;
  const untilMs = START_MS + DAY_MS + HOUR_MS;
  for (let windowEndMs = START_MS + SUMMARY_MS; windowEndMs <= untilMs; windowEndMs += SUMMARY_MS) {
    const subject = { node: NODE, windowStartMs: windowEndMs - SUMMARY_MS, windowEndMs };
    const scores = featuresAt(machine, windowEndMs).map((values) => scorer.score(scorer.bins(values)));
    const shown = { idle: false, busyHost: false, scores, gpus: 1 };
    addWindow(panes, 0, subject, partsOf(shown, scorer), PARAMETERS);
    told = tellShares(panes, 0, subject, PARAMETERS) ?? told;
  }
  return told;
}

function featuresAt(machine: Machine, windowEndMs: number): Float64Array[] {
  const frames = [];
  for (let endMs = windowEndMs - SUMMARY_MS; endMs < windowEndMs; ) {
    endMs += DEFAULT_INTERVAL_MS;
    frames.push(machine.interval(endMs, DEFAULT_INTERVAL_MS));
  }
  return windowFeatures(frames);
}

/** What a day consists of, and its true shares; null: they have no such meaning. */
export interface DayPlan {
  readonly workload: Workload;
  readonly truth: Partial<Record<Behaviour, number>> | null;
}

/** A run of the first family for `ratio` of every two hours, then one of the second. */
export function alternating(first: string, second: string, ratio: number): DayPlan {
  const [a, b] = [run(first), run(second)];
  const truth = { [b.behaviour]: 1 - ratio };
  truth[a.behaviour] = (truth[a.behaviour] ?? 0) + ratio;
  return { workload: timeShare(a, b, ratio, PERIOD_SECONDS), truth };
}

function run(name: string): Workload {
  const family = FAMILIES.find((one) => one.name === name);
  if (family === undefined) throw new RangeError(`${name}: expected the name of a family`);
  return variedRun(family);
}

interface Scenario {
  readonly name: string;
  readonly honest: boolean;
  /** Of the day with this number. */
  readonly plan: (day: number) => DayPlan;
}

const named = (prefix: string) => FAMILIES.map(({ name }) => name).filter((name) => name.startsWith(prefix));

/** Families by turns, so that every pair of them comes up. */
function pair(first: string, second: string, ratio: number): Scenario {
  const [as, bs] = [named(first), named(second)];
  return {
    name:
      ratio === 1 ? `${first} 100` : `${first} ${100 * ratio} / ${second} ${Math.round(100 * (1 - ratio))}`,
    honest: !/hash|matmul|proofs|undescribed/.test(first + second),
    plan: (day) =>
      alternating(as[day % as.length] ?? first, bs[Math.floor(day / as.length) % bs.length] ?? second, ratio),
  };
}

const whole = (name: string, workload: Workload, truth: DayPlan['truth']): Scenario => ({
  name,
  honest: true,
  plan: () => ({ workload, truth }),
});

const SCENARIOS: readonly Scenario[] = [
  pair('training', 'hash-pow', 0.7),
  pair('training', 'matmul-pow', 0.7),
  pair('inference', 'hash-pow', 0.5),
  pair('inference-int8', 'matmul-pow', 0.7),
  pair('training', 'inference', 0.5),
  pair('hash-pow', 'hash-pow', 1),
  pair('matmul-pow', 'matmul-pow', 1),
  pair('training', 'training', 1),
  pair('inference', 'inference', 1),
  pair('hpc', 'hpc', 1),
  pair('render', 'render', 1),
  pair('undescribed', 'undescribed', 1),
  {
    name: 'training by day, idle by night',
    honest: true,
    plan: (day) => {
      const name = named('training')[day % named('training').length] ?? '';
      return {
        workload: timeShare(run(name), run('idle-parked'), 0.5, DAY_MS / 1000),
        truth: { B0: 0.5, B1: 0.5 },
      };
    },
  },
  whole('inference on request, day and night', inferenceOnRequest(), { B2: 1 }),
  whole('notebook', notebook, null),
  {
    name: 'training and hash-pow side by side on one GPU, 70 / 30',
    honest: false,
    plan: (day) => {
      const name = (prefix: string) => named(prefix)[day % named(prefix).length] ?? '';
      return { workload: sideBySide(run(name('training')), run(name('hash-pow')), 0.7), truth: null };
    },
  },
];

interface Measured {
  readonly plan: DayPlan;
  readonly told: BehaviourShares;
}

function measure({ name, honest, plan: planOf }: Scenario, offset: number): string {
  const days = Array.from({ length: DAYS }, (_, day): Measured[] => {
    const plan = planOf(day);
    const told = sharesOfDay(plan.workload, SEED + 1_000 * offset + day);
    return told === null ? [] : [{ plan, told }];
  }).flat();
  const share = (holds: (day: Measured) => boolean) => percent(days.filter(holds).length / days.length);
  const ground = share(({ told }) => sharesGrounds(told, ORDINARY, PARAMETERS).length > 0);
  const means = Object.entries(meansOf(days.map(({ told }) => told)))
    .filter(([, mean]) => mean >= 0.01)
    .map(([behaviour, mean]) => `${behaviour} ${percent(mean)}`);
  const known = days.some(({ plan }) => plan.truth !== null);
  return [
    name,
    days.length,
    means.join(', '),
    known ? share(isNear) : '–',
    share(isRareNear),
    known ? share(isCovered) : '–',
    known ? percent(widthOf(days)) : '–',
    honest ? `${ground} false` : ground,
  ].join(' | ');
}

function meansOf(told: readonly BehaviourShares[]): Partial<Record<Behaviour, number>> {
  const means: Partial<Record<Behaviour, number>> = {};
  for (const { behaviours } of told)
    for (const [behaviour, { share }] of Object.entries(behaviours) as [Behaviour, { share: number }][])
      means[behaviour] = (means[behaviour] ?? 0) + share / told.length;
  return means;
}

/** Every behaviour within five points of what it is. */
export function isNear({ plan: { truth }, told: { behaviours } }: Measured): boolean {
  const all = new Set([...Object.keys(truth ?? {}), ...Object.keys(behaviours)]) as ReadonlySet<Behaviour>;
  return [...all].every((key) => isOff(key, truth, behaviours) <= MOST_OFF);
}

/** The same of what nobody declares as ordinary compute. */
function isRareNear({ plan: { truth }, told: { behaviours } }: Measured): boolean {
  return [...RARE].every((key) => isOff(key, truth, behaviours) <= MOST_OFF);
}

function isOff(key: Behaviour, truth: DayPlan['truth'], told: BehaviourShares['behaviours']): number {
  return Math.abs((told[key]?.share ?? 0) - (truth?.[key] ?? 0));
}

/** The bounds hold what each behaviour that there is really had, but for a hundredth. */
export function isCovered({ plan: { truth }, told: { behaviours } }: Measured): boolean {
  return (Object.entries(truth ?? {}) as [Behaviour, number][]).every(([key, really]) => {
    const { low, high } = behaviours[key] ?? { low: 0, high: 0 };
    return low - 0.01 <= really && really <= high + 0.01;
  });
}

/** Mean over days of the widest pair of bounds of what there is. */
function widthOf(days: readonly Measured[]): number {
  const widths = days.map(({ plan, told: { behaviours } }) =>
    Math.max(
      ...(Object.keys(plan.truth ?? {}) as Behaviour[]).map(
        (key) => (behaviours[key]?.high ?? 0) - (behaviours[key]?.low ?? 0),
      ),
    ),
  );
  return widths.reduce((sum, width) => sum + width, 0) / widths.length;
}

const percent = (ratio: number): string => `${Math.round(100 * ratio)} %`;

if (import.meta.main) {
  process.stdout.write(
    '| day | days | told on the mean | all within 5 points | B4 to B10 within 5 points | within the bounds | bounds apart | ground of what nobody declares |\n',
  );
  process.stdout.write('|---|---|---|---|---|---|---|---|\n');
  const [asked = ''] = process.argv.slice(2);
  SCENARIOS.forEach((scenario, index) => {
    if (scenario.name.includes(asked)) process.stdout.write(`| ${measure(scenario, index)} |\n`);
  });
}
