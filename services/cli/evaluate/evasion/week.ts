import { UNCHAINED } from '#libs/detect/offline.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { FrameDecoder } from '#libs/model/decode.ts';
import { encodeFrame } from '#libs/model/encode.ts';
import { DEFAULT_INTERVAL_MS, SUMMARY_MS } from '#libs/model/frame.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import { type JobAt, workGroups } from '#libs/traces/evasion/jobs.ts';
import { RICHEST_FIRST, type Sight, seesTraffic, strip } from '#libs/traces/evasion/strip.ts';
import type { Span } from '#libs/traces/evasion/techniques.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { type Listener, SITE } from './speaker.ts';

/** A listener at a level of what can be read. */
export interface LevelLane {
  readonly level: Sight;
  readonly lane: Listener;
}

export interface WeekRun {
  readonly node: string;
  readonly workload: Workload;
  readonly gpus: number;
  readonly seed: number;
  readonly samples: readonly Span[];
  readonly lanes: readonly LevelLane[];
  readonly job: JobAt;
  /** Goes on where every lane has its finding: for honest runs whose windows are counted. */
  readonly toTheEnd: boolean;
}

export function hardwareOf(gpus: number): Hardware {
  return { ...HARDWARE.h100x8, name: `${gpus}x H100`, gpus };
}

/** Simulates one machine over the samples of a span, and puts what each level can read of it through its lanes. */
export function runWeek(run: WeekRun): void {
  const agent = new Agent(run);
  let live = run.lanes;
  for (const sample of run.samples) {
    for (const minuteMs of minutesOf(sample)) {
      agent.minute(minuteMs, live);
      for (const { lane } of live) lane.tick(minuteMs);
    }
    for (const { lane } of live) closeWindows(lane, sample.toMs);
    if (!run.toTheEnd) live = live.filter(({ lane }) => lane.findingMs === null);
    if (live.length === 0) return;
  }
}

/** Ends of the minutes of a sample. */
function minutesOf({ fromMs, toMs }: Span): number[] {
  return Array.from(
    { length: (toMs - fromMs) / SUMMARY_MS },
    (_, minute) => fromMs + (minute + 1) * SUMMARY_MS,
  );
}

/** Closes the windows of a sample: nothing follows for hours. */
function closeWindows(lane: Listener, endMs: number): void {
  for (let ticks = 1; ticks <= PARAMETERS.closeTicks + 1; ticks++)
    lane.tick(endMs + PARAMETERS.peersDelayMs + ticks * TICK_MS);
}

/** A simulated machine and what is sent of it: one frame an interval for each level, which all its lanes share. */
class Agent {
  readonly #node: string;
  readonly #job: JobAt;
  readonly #machine: Machine;
  readonly #decoder = new FrameDecoder();
  #sequence = 0;

  constructor({ node, job, workload, gpus, seed }: WeekRun) {
    const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
    this.#node = node;
    this.#job = job;
    this.#machine = new Machine({ name: node, hardware: hardwareOf(gpus), shifts, flows: true, seed });
  }

  minute(endMs: number, lanes: readonly LevelLane[]): void {
    const fromMs = endMs - SUMMARY_MS;
    for (let timeMs = fromMs + DEFAULT_INTERVAL_MS; timeMs <= endMs; timeMs += DEFAULT_INTERVAL_MS)
      this.#interval(timeMs, lanes);
  }

  #interval(endMs: number, lanes: readonly LevelLane[]): void {
    const { samples, entities, flows } = this.#machine.interval(endMs, DEFAULT_INTERVAL_MS);
    const head = { ...UNCHAINED, node: this.#node, site: SITE, sequence: ++this.#sequence, endMs, samples };
    for (const level of RICHEST_FIRST) {
      const own = lanes.filter((one) => one.level === level);
      if (own.length === 0) continue;
      strip(entities, level);
      const groups = workGroups(this.#job(endMs), entities);
      const frame = { ...head, entities, groups, flows: seesTraffic(level) ? flows : [] };
      const rows = this.#decoder.decode(encodeFrame(frame));
      for (const { lane } of own) lane.frame(rows, endMs);
    }
  }
}
