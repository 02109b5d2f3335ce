import { CUSUM, cusum } from '#libs/stats/cusum.ts';
import { EXPONENTIAL, weighRobustly } from '#libs/stats/exponential.ts';
import type { WindowLayout } from './layout.ts';
import type { DetectParameters } from './parameters.ts';
import { fromSpreads, type Scales, toSpreads } from './scales.ts';

/** A spread in the scale of {@link toSpreads} below which none is believed: by its making, one. */
const SMALLEST = 1;
/** A frame further away counts as one at so many spreads in the level's own mean and variance. */
const BOUND = 3;
/** After a change a metric rests for so many frames, while the new level is learnt. */
const RESTS = 3;

/** Numbers per tracked metric: the level's mean, variance and count of frames; two sums; frames since each left 0. */
const SUMS = EXPONENTIAL;
const RUNS = EXPONENTIAL + CUSUM;
export const FAST_WIDTH = RUNS + 2;

/** A metric that left its level, as {@link watchFrame} finds it. */
export interface FastChange {
  /** Place in the layout's `tracked`. */
  track: number;
  /** The sum that crossed the threshold, spreads; 0: no change. */
  score: number;
  /** Frames from the first of the new level to the one that shows it, 1 … */
  frames: number;
  /** Levels, in the metric's unit. */
  before: number;
  after: number;
}

/**
 * Looks for a change of level within seconds: of each tracked metric that says how hard the machine works, one frame
 * is compared with an exponentially weighted level of those before it, two-sided, by Page's test ({@link cusum}).
 * The level follows: this dates what is sudden, and a slow ramp is left to the season. O(tracked metrics).
 *
 * The new level is the mean of the frames since the sum left zero: their standardised mean is sum / frames + slack,
 * taken no further than the frame that shows it, because the old level has followed them meanwhile.
 * @param found the strongest change so far in this frame; replaced by a stronger one
 * @returns whether it was
 */
export function watchFrame(
  scales: Scales,
  data: Float32Array,
  at: number,
  gauges: Float32Array,
  gaugesAt: number,
  parameters: DetectParameters,
  found: FastChange,
): boolean {
  const { changeYoungFrames: young, changeFrameWeight: weight, changeThreshold, changeSlack } = parameters;
  let stronger = false;
  const { load, loadColumns } = scales;
  for (let i = 0; i < load.length; i++) {
    const value = gauges[gaugesAt + loadColumns[i]!]!;
    if (Number.isNaN(value)) continue;
    const track = load[i]!;
    const own = at + track * FAST_WIDTH;
    const spreads = toSpreads(scales, track, value);
    const known = data[own + 2]! >= young;
    if (known && step(data, own, spreads, changeSlack) >= changeThreshold) {
      stronger = settle(data, own, spreads, track, scales, parameters, found) || stronger;
    }
    weighRobustly(data, own, spreads, weight, BOUND, SMALLEST, young);
  }
  return stronger;
}

/** After a gap in the frames nothing can be dated: the sums begin anew, the levels stay. */
export function breakRuns(layout: WindowLayout, data: Float32Array, at: number): void {
  for (let track = 0; track < layout.tracked.length; track++) {
    const own = at + track * FAST_WIDTH;
    data.fill(0, own + SUMS, own + FAST_WIDTH);
  }
}

function step(data: Float32Array, own: number, spreads: number, slack: number): number {
  const sd = Math.max(SMALLEST, Math.sqrt(data[own + 1]!));
  const largest = cusum(data, own + SUMS, (spreads - data[own]!) / sd, slack);
  for (let side = 0; side < CUSUM; side++) {
    data[own + RUNS + side] = data[own + SUMS + side] === 0 ? 0 : data[own + RUNS + side]! + 1;
  }
  return largest;
}

/** Moves the level to where the metric is now. @returns whether the change is stronger than the one found before */
function settle(
  data: Float32Array,
  own: number,
  spreads: number,
  track: number,
  scales: Scales,
  { changeSlack, changeYoungFrames }: DetectParameters,
  found: FastChange,
): boolean {
  const side = data[own + SUMS]! >= data[own + SUMS + 1]! ? 0 : 1;
  const score = data[own + SUMS + side]!;
  const frames = data[own + RUNS + side]!;
  const sd = Math.max(SMALLEST, Math.sqrt(data[own + 1]!));
  const level = data[own]!;
  const shift = Math.min((score / frames + changeSlack) * sd, Math.abs(spreads - level));
  data[own] = side === 0 ? level + shift : level - shift;
  data[own + 2] = changeYoungFrames - RESTS;
  data.fill(0, own + SUMS, own + FAST_WIDTH);
  if (score <= found.score) return false;
  found.track = track;
  found.score = score;
  found.frames = frames;
  found.before = fromSpreads(scales, track, level);
  found.after = fromSpreads(scales, track, data[own]!);
  return true;
}
