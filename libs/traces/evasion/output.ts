import { clear, idleActivity } from '../simulate/activity.ts';
import { HARDWARE } from '../simulate/hardware.ts';
import { Random } from '../simulate/random.ts';
import type { Workload } from '../simulate/workload.ts';
import { idle } from '../simulate/workloads/idle.ts';
import type { Span, Technique } from './techniques.ts';

/** A miner whose only work is what no decoy does. */
const UNIT: Workload = {
  name: 'unit',
  behaviour: 'B4',
  start: () => (_timeMs, into) => {
    for (const gpu of into.gpus) Object.assign(gpu, { utilization: 1, integer: 1 });
  },
};
/** Between the seconds looked at in a long span: in step with no cycle. */
const STEP_MS = 99_700;
const CONTIGUOUS_SECONDS = 3600;

/**
 * Share of full mining output that a technique leaves over a span: its activity integrated over time, against that
 * of the plain miner on the whole machine. A unit miner and an idle cover stand in, as wrappers only scale.
 * @returns 0–1
 */
export function outputShare(technique: Technique, strength: number, span: Span): number {
  const gpus = technique.cover.gpus;
  const hidden = technique.hide(UNIT, idle, strength, span);
  const process = hidden.start({ hardware: { ...HARDWARE.h100x8, gpus }, gpus, random: new Random(1) });
  const activity = idleActivity(gpus);
  let done = 0;
  let seconds = 0;
  for (const timeMs of secondsOf(span)) {
    clear(activity);
    process(timeMs, activity);
    for (const gpu of activity.gpus) done += Math.min(1, gpu.integer) / gpus;
    seconds++;
  }
  return done / seconds;
}

/** An hour of seconds in a row for short cycles, spread over the span for long ones. */
function* secondsOf({ fromMs, toMs }: Span): Generator<number> {
  if (toMs - fromMs <= CONTIGUOUS_SECONDS * 1000) {
    for (let timeMs = fromMs + 1000; timeMs <= toMs; timeMs += 1000) yield timeMs;
    return;
  }
  for (let timeMs = fromMs + 1000; timeMs <= toMs; timeMs += STEP_MS) yield Math.floor(timeMs / 1000) * 1000;
}
