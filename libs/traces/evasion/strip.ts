import { type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { LEVELS, type Level } from '../simulate/hardware.ts';

const PROFILED =
  /^gpu_(sm_active|tensor|dram|integer|fp\d+|pcie_(receive|transmit)|nvlink_(receive|transmit))/;
const OF_POWER_AND_TRAFFIC = /_power_watts|_bytes_per_second|^tcp_/;

/** What a level lets be read of the simulated machine: the same as a machine of that level shows. */
function readable(name: string, kind: EntityKind, level: Level): boolean {
  if (level === 'L3') return true;
  if (level === 'L2') return !PROFILED.test(name);
  return kind === 'gpu' ? /^gpu_power_watts/.test(name) : OF_POWER_AND_TRAFFIC.test(name);
}

const HIDDEN: Readonly<Record<Level, Readonly<Record<EntityKind, readonly number[]>>>> = {
  L1: { host: hiddenAt('L1', 'host'), gpu: hiddenAt('L1', 'gpu') },
  L2: { host: hiddenAt('L2', 'host'), gpu: hiddenAt('L2', 'gpu') },
  L3: { host: [], gpu: [] },
};

function hiddenAt(level: Level, kind: EntityKind): number[] {
  return LAYOUTS[kind].gauges.flatMap(({ name }, ordinal) => (readable(name, kind, level) ? [] : [ordinal]));
}

/** Takes from rows, in place, what a level cannot read: absent, never zero. */
export function strip(rows: readonly EntityRow[], level: Level): void {
  for (const { kind, gauges } of rows)
    for (const ordinal of HIDDEN[level][kind]) gauges[ordinal] = Number.NaN;
}

/** From the richest on: rows may be stripped in this order in place. */
export const RICHEST_FIRST: readonly Level[] = LEVELS.toReversed();
