import type { Example } from '#libs/detect/evidence/fit.ts';
import { HOST_FEATURES } from '#libs/detect/host-evidence/features.ts';
import { Random } from '#libs/traces/simulate/random.ts';

const RUNS = 60;
const SEED = 14_000_000;

type Ranges = Readonly<Record<string, readonly [low: number, high: number]>>;

/**
 * Any loop that computes without disks, by each feature's range: physics, fitted to no trace. Cores are busy or held
 * back, steady or in turns; the kernel has little to do; threads are rarely switched (a server's daemons do so a few
 * hundred times a second) and wait for no disk.
 */
const LOOPS: Ranges = {
  cpu: [0.1, 1],
  'cpu-variation': [0, 1],
  'system-share': [0, 0.1],
  'io-wait': [0, 0.002],
  'switches-per-thread': [0.5, 3],
  'disk-per-thread': [5, 5.8],
  'cpu-pressure': [0, 0.2],
  'io-pressure': [0, 0.005],
};

/** Every core, without a pause. */
const STEADY_LOOPS: Ranges = {
  ...LOOPS,
  cpu: [0.9, 1],
  'cpu-variation': [0, 0.01],
  'system-share': [0, 0.03],
  'cpu-pressure': [0, 0.1],
};

/**
 * Windows of families that stand for all that nobody has described, wide on purpose: what lies in one and in a known
 * family is no sure case of either. Made up, the same each time; every report of it says so.
 */
export function undescribedHosts(): Example[] {
  const random = new Random(SEED);
  return [
    ...windows('undescribed-loops', LOOPS, random),
    ...windows('undescribed-steady-loops', STEADY_LOOPS, random),
  ];
}

function windows(family: string, ranges: Ranges, random: Random): Example[] {
  const own = HOST_FEATURES.map(({ name }) => ranges[name] ?? [Number.NaN, Number.NaN]);
  return Array.from({ length: RUNS }, () => ({
    family,
    behaviour: 'B13',
    values: Float64Array.from(own, ([low, high]) => random.between(low, high)),
  }));
}
