import { type EntityKind, LAYOUTS } from '#libs/model/catalogue.ts';
import type { EntityRow } from '#libs/model/frame.ts';

/**
 * What can be read of a machine: its capability level without what its network carries, and the richest of them with
 * it (DESIGN.md: N). Traffic is the rates and connections of the host, of its fabric too, and flows.
 */
export const SIGHTS = ['L1', 'L2', 'L3', 'L3+N'] as const;
export type Sight = (typeof SIGHTS)[number];

const TRAFFIC = /^(network|fabric)_|^tcp_/;
const PROFILED =
  /^gpu_(sm_active|tensor|dram|integer|fp\d+|pcie_(receive|transmit)|nvlink_(receive|transmit))/;
const OF_POWER_AND_DISKS = /_power_watts|^disk_.*_bytes_per_second/;

export function seesTraffic(sight: Sight): boolean {
  return sight === 'L3+N';
}

/** What a level lets be read of the simulated machine: the same as a machine of that level shows, but for traffic. */
function readable(name: string, kind: EntityKind, sight: Sight): boolean {
  if (seesTraffic(sight)) return true;
  if (TRAFFIC.test(name)) return false;
  if (sight === 'L3') return true;
  if (sight === 'L2') return !PROFILED.test(name);
  return kind === 'gpu' ? /^gpu_power_watts/.test(name) : OF_POWER_AND_DISKS.test(name);
}

interface Hidden {
  readonly gauges: readonly number[];
  readonly counters: readonly number[];
}

const HIDDEN: Readonly<Record<Sight, Readonly<Record<EntityKind, Hidden>>>> = {
  L1: { host: hiddenAt('L1', 'host'), gpu: hiddenAt('L1', 'gpu') },
  L2: { host: hiddenAt('L2', 'host'), gpu: hiddenAt('L2', 'gpu') },
  L3: { host: hiddenAt('L3', 'host'), gpu: hiddenAt('L3', 'gpu') },
  'L3+N': { host: hiddenAt('L3+N', 'host'), gpu: hiddenAt('L3+N', 'gpu') },
};

function hiddenAt(sight: Sight, kind: EntityKind): Hidden {
  const { gauges, counters } = LAYOUTS[kind];
  return {
    gauges: gauges.flatMap(({ name }, ordinal) => (readable(name, kind, sight) ? [] : [ordinal])),
    counters: counters.flatMap(({ name }, ordinal) =>
      TRAFFIC.test(name) && !seesTraffic(sight) ? [ordinal] : [],
    ),
  };
}

/** Takes from rows, in place, what cannot be read: absent, never zero. */
export function strip(rows: readonly EntityRow[], sight: Sight): void {
  for (const { kind, gauges, counters } of rows) {
    const hidden = HIDDEN[sight][kind];
    for (const ordinal of hidden.gauges) gauges[ordinal] = Number.NaN;
    for (const ordinal of hidden.counters) counters[ordinal] = Number.NaN;
  }
}

/** From the richest on: rows may be stripped in this order in place. */
export const RICHEST_FIRST: readonly Sight[] = SIGHTS.toReversed();
