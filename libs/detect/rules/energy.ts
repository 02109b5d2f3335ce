import type { Ground } from '#libs/model/assessment.ts';
import type { DetectParameters } from '../parameters.ts';
import { round, weigh } from '../spread.ts';

/** What a meter showed over some minutes, beside what the node said of itself. Means, W. */
export interface ComparedPower {
  readonly endMs: number;
  /** Minutes that the reading stands for. */
  readonly minutes: number;
  readonly meterWatts: number;
  readonly lowWatts: number;
  readonly highWatts: number;
  /** Whether a sensor of the whole node says it in band; otherwise its host is modelled. */
  readonly measured: boolean;
}

/** How far meter and node are apart over the last minutes. */
export interface EnergyBalance {
  readonly meterWatts: number;
  /** The end of the node's range that is nearer, where the meter is outside. */
  readonly inBandWatts: number;
  /** Meter less node, W; 0 within the node's range. */
  readonly differenceWatts: number;
  /** Standard error of that mean. */
  readonly errorWatts: number;
  readonly toleranceWatts: number;
  readonly measured: boolean;
}

/** Readings that a mean over the minutes needs at least, for its error to be known. */
const MIN_READINGS = 3;
const MINUTE_MS = 60_000;

/** Meter less what the node says; 0 where the meter is within the node's range. */
export function differenceOf({ meterWatts, lowWatts, highWatts }: ComparedPower): number {
  return meterWatts - Math.min(highWatts, Math.max(lowWatts, meterWatts));
}

/** DOMAIN.md §9: max(150 W, 10 %). */
export function toleranceOf(
  meterWatts: number,
  { energyToleranceWatts, energyToleranceRatio }: DetectParameters,
): number {
  return Math.max(energyToleranceWatts, energyToleranceRatio * meterWatts);
}

/**
 * The newest readings that stand for `minutes`, put together. Null where there are too few, or where they are spread
 * over more than twice the time that they stand for.
 * @param compared oldest first
 */
export function balanceOf(
  compared: readonly ComparedPower[],
  minutes: number,
  parameters: DetectParameters,
): EnergyBalance | null {
  const recent = newest(compared, minutes);
  const [first, last] = [recent[0], recent.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (last.endMs - first.endMs > 2 * sum(recent.map((one) => one.minutes)) * MINUTE_MS) return null;
  const mean = (of: (one: ComparedPower) => number) => sum(recent.map(of)) / recent.length;
  const difference = mean(differenceOf);
  const squares = sum(recent.map((one) => (differenceOf(one) - difference) ** 2));
  const meterWatts = mean((one) => one.meterWatts);
  return {
    meterWatts,
    inBandWatts: meterWatts - difference,
    differenceWatts: difference,
    errorWatts: Math.sqrt(squares / (recent.length - 1) / recent.length),
    toleranceWatts: toleranceOf(meterWatts, parameters),
    measured: recent.every(({ measured }) => measured),
  };
}

/** Empty where they do not add up to the minutes. */
function newest(compared: readonly ComparedPower[], minutes: number): readonly ComparedPower[] {
  let stand = 0;
  for (let from = compared.length - 1; from >= 0; from--) {
    stand += compared[from]!.minutes;
    if (stand >= minutes && compared.length - from >= MIN_READINGS) return compared.slice(from);
  }
  return [];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Whether the mean difference is beyond the tolerance whatever the readings' scatter: a meter that shows an instant
 * of a load that swings, or a minute that begins elsewhere, is no contradiction.
 */
export function isApart(
  { differenceWatts, errorWatts, toleranceWatts }: EnergyBalance,
  { energyErrors }: DetectParameters,
): boolean {
  return Math.abs(differenceWatts) - energyErrors * errorWatts > toleranceWatts;
}

/** Whether a sensor of the whole node and the meter say the same. A modelled host never agrees: it does not contradict. */
export function agrees(balance: EnergyBalance): boolean {
  return balance.measured && Math.abs(balance.differenceWatts) <= balance.toleranceWatts;
}

/** One sentence that a person reads, with both powers. */
export function energyGround(balance: EnergyBalance, parameters: DetectParameters): Ground {
  const { meterWatts, inBandWatts, differenceWatts, toleranceWatts, measured } = balance;
  const most = differenceWatts > 0 ? 'at most' : 'at least';
  const says = measured ? 'the node itself says' : `what the node says of its parts allows ${most}`;
  const apart = `${Math.abs(differenceWatts).toFixed(0)} W apart, where ${toleranceWatts.toFixed(0)} W are allowed`;
  return {
    rule: 'energy',
    metric: measured ? 'node_power_watts' : null,
    weight: weigh(Math.abs(differenceWatts) / toleranceWatts, parameters),
    observed: round(meterWatts),
    expected: round(inBandWatts),
    text: `over ${parameters.energyMinutes} minutes a meter shows ${meterWatts.toFixed(0)} W and ${says} ${inBandWatts.toFixed(0)} W: ${apart}`,
  };
}
