import type { Behaviour } from '#libs/model/behaviour.ts';
import type { Activity } from './activity.ts';
import type { Hardware } from './hardware.ts';
import type { Random } from './random.ts';

/** A kind of work, to be started on machines. What it does there depends on the seed and the time alone. */
export interface Workload {
  /** In lower case with hyphens, e.g. `training-data-parallel`. */
  readonly name: string;
  /** What it really is: the label that a simulation is judged by. */
  readonly behaviour: Behaviour;
  start(place: Place): Process;
}

/** Where a workload runs. */
export interface Place {
  readonly hardware: Hardware;
  /** GPUs it may use; their number in each activity it fills in. */
  readonly gpus: number;
  readonly random: Random;
}

/**
 * Fills in one second of work. Called once a second, in the order of time.
 * @param timeMs end of the second, Unix ms
 * @param into cleared before
 */
export type Process = (timeMs: number, into: Activity) => void;

/** Hour of the day, 0 to below 24, at a place `utcOffsetHours` ahead of UTC. */
export function hourOfDay(timeMs: number, utcOffsetHours: number): number {
  const hours = timeMs / 3_600_000 + utcOffsetHours;
  return hours - 24 * Math.floor(hours / 24);
}

/**
 * Share of the second that ends at `timeMs` which falls into the first `duty` of a cycle, 0–1.
 *
 * Worked example: a cycle of 4 s with duty 0.25 is on in seconds 0–1, 4–5, …; at 1,000 ms the share is 1.
 */
export function onShare(timeMs: number, periodSeconds: number, duty: number): number {
  const onSeconds = (seconds: number) => {
    const cycles = Math.floor(seconds / periodSeconds);
    return cycles * periodSeconds * duty + Math.min(seconds - cycles * periodSeconds, periodSeconds * duty);
  };
  const end = timeMs / 1000;
  return Math.min(1, Math.max(0, onSeconds(end) - onSeconds(end - 1)));
}
