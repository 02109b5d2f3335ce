import type { NodeKeys } from '#libs/evidence/keys.ts';
import { Machine, type Shift } from '#libs/traces/simulate/machine.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { SimulatedAgent, seedOf, simulatedBoot, simulatedKeys } from './agent.ts';
import { type Plot, type Tenancy, tenancies } from './story.ts';

const MINUTE_MS = 60_000;
const SHARES_OF = 200;
/** Local hour at which the story begins: the office is empty, and its night is three minutes away. */
const FIRST_HOUR = 19.95;

/** A node of the demo: its place in the story, and the agents that speak for it. */
export interface FleetNode {
  readonly name: string;
  readonly tenancy: Tenancy;
  readonly plot: Plot;
  readonly keys: NodeKeys;
  readonly voices: readonly Voice[];
}

/** One agent, and when it speaks. */
export interface Voice {
  readonly agent: SimulatedAgent;
  readonly isHeard: (timeMs: number) => boolean;
  /** Whether the machine has power at this time: its meter shows it. */
  readonly isOn: (timeMs: number) => boolean;
}

export interface Fleet {
  readonly beganMs: number;
  readonly tenancies: readonly Tenancy[];
  readonly nodes: readonly FleetNode[];
}

/** The demo's fleet. The same seed and beginning give the same fleet, and the same bytes from it. @param count 40 or more */
export function makeFleet(count: number, seed: number, beganMs: number): Fleet {
  const all = tenancies(utcOffsetAt(beganMs));
  const counts = shareOut(
    count,
    all.map(({ nodes }) => nodes / SHARES_OF),
  );
  const nodes = all.flatMap((tenancy, place) =>
    Array.from({ length: counts[place] ?? 0 }, (_, index) => makeNode(tenancy, index, seed, beganMs)),
  );
  return { beganMs, tenancies: all, nodes };
}

/** Hours ahead of UTC at which the local clock shows the story's first hour. */
function utcOffsetAt(beganMs: number): number {
  const utcHour = (beganMs / 3_600_000) % 24;
  return ((FIRST_HOUR - utcHour + 36) % 24) - 12;
}

/** Whole numbers in these proportions, at least one each, that sum to `count`: the largest remainders are rounded up. */
function shareOut(count: number, shares: readonly number[]): readonly number[] {
  const exact = shares.map((share) => share * count);
  const whole = exact.map((number) => Math.max(1, Math.floor(number)));
  const order = exact.map((_, index) => index).sort((a, b) => rest(exact[b]) - rest(exact[a]));
  let left = count - whole.reduce((sum, number) => sum + number, 0);
  for (let i = 0; left > 0; i = (i + 1) % order.length, left--) {
    const index = order[i] ?? 0;
    whole[index] = (whole[index] ?? 0) + 1;
  }
  return whole;
}

const rest = (number = 0): number => number - Math.floor(number);

function makeNode(tenancy: Tenancy, index: number, seed: number, beganMs: number): FleetNode {
  const name = `${tenancy.prefix}-${String(index + 1).padStart(3, '0')}`;
  const plot = tenancy.plots[index] ?? {};
  const keys = simulatedKeys(name, seed);
  const at = (minute: number) => beganMs + minute * MINUTE_MS;
  const usual = tenancy.usual[index % tenancy.usual.length];
  const shifts: Shift[] = [
    ...(usual ? [{ fromMs: Number.NEGATIVE_INFINITY, workload: usual }] : []),
    ...(plot.work ? [{ fromMs: at(plot.work.fromMinute), workload: plot.work.workload }] : []),
  ];
  const voice = (which: string, work: readonly Shift[], isHeard: Voice['isHeard'], isOn: Voice['isOn']) => {
    const boot = simulatedBoot(name, which, seed);
    const machine = machineOf(tenancy, `${name}-${which}`, work, seed);
    const agent = new SimulatedAgent(machine, { node: name, site: tenancy.site, keys, boot });
    return { agent, isHeard, isOn };
  };
  const silent = silenceOf(plot, at);
  const own = voice(
    'own',
    shifts,
    (ms) => !silent(ms),
    (ms) => plot.silent?.machine !== 'off' || !silent(ms),
  );
  return { name, tenancy, plot, keys, voices: [own, ...twinOf(plot, at, voice)] };
}

function silenceOf({ silent }: Plot, at: (minute: number) => number): (timeMs: number) => boolean {
  if (silent === undefined) return () => false;
  return (ms) => ms > at(silent.fromMinute) && ms <= at(silent.toMinute);
}

/** The decoy beside the real machine: it hangs on no outlet here. */
function twinOf(
  { twin }: Plot,
  at: (minute: number) => number,
  voice: (which: string, work: readonly Shift[], isHeard: Voice['isHeard'], isOn: Voice['isOn']) => Voice,
): readonly Voice[] {
  if (twin === undefined) return [];
  return [
    voice(
      'twin',
      forEver(twin.workload),
      (ms) => ms > at(twin.fromMinute),
      () => false,
    ),
  ];
}

function forEver(workload: Workload): readonly Shift[] {
  return [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
}

function machineOf({ hardware }: Tenancy, name: string, shifts: readonly Shift[], seed: number): Machine {
  return new Machine({ name, hardware, shifts, flows: true, seed: seedOf(name, seed) });
}
