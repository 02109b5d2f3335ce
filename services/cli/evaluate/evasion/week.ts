import { DEFAULT_INTERVAL_MS, SUMMARY_MS } from '#libs/model/frame.ts';
import { RICHEST_FIRST, strip } from '#libs/traces/evasion/strip.ts';
import type { Span } from '#libs/traces/evasion/techniques.ts';
import { HARDWARE, type Hardware, type Level } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { type Lane, minutesOf } from './lane.ts';

export const LANES = ['L1', 'L2', 'L3'] as const satisfies readonly Level[];

/** A lane at a level of what can be read. */
export interface LevelLane {
  readonly level: Level;
  readonly lane: Lane;
}

export interface WeekRun {
  readonly workload: Workload;
  readonly gpus: number;
  readonly seed: number;
  readonly samples: readonly Span[];
  readonly lanes: readonly LevelLane[];
  /** Goes on where every lane has its finding: for honest runs whose windows are counted. */
  readonly toTheEnd: boolean;
}

export function hardwareOf(gpus: number): Hardware {
  return { ...HARDWARE.h100x8, name: `${gpus}x H100`, gpus };
}

/** Simulates one machine over the samples of a span, and puts what each level can read of it through its lanes. */
export function runWeek({ workload, gpus, seed, samples, lanes, toTheEnd }: WeekRun): void {
  const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  const machine = new Machine({ name: 'simulated', hardware: hardwareOf(gpus), shifts, flows: false, seed });
  let live = lanes;
  for (const sample of samples) {
    for (const minuteMs of minutesOf(sample)) {
      minute(machine, minuteMs, live);
      for (const { lane } of live) lane.tick(minuteMs);
    }
    for (const { lane } of live) lane.endSample(sample.toMs);
    if (!toTheEnd) live = live.filter(({ lane }) => lane.findingMs === null);
    if (live.length === 0) return;
  }
}

function minute(machine: Machine, endMs: number, lanes: readonly LevelLane[]): void {
  const fromMs = endMs - SUMMARY_MS;
  for (let timeMs = fromMs + DEFAULT_INTERVAL_MS; timeMs <= endMs; timeMs += DEFAULT_INTERVAL_MS) {
    const { samples, entities } = machine.interval(timeMs, DEFAULT_INTERVAL_MS);
    for (const level of RICHEST_FIRST) {
      const own = lanes.filter((one) => one.level === level);
      if (own.length > 0) strip(entities, level);
      for (const { lane } of own) lane.frame(timeMs, samples, entities);
    }
  }
}
