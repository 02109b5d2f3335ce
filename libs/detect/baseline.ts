import { SUMMARY_MS } from '#libs/model/frame.ts';
import { Slab } from '#libs/stats/slab.ts';
import { FAST_WIDTH, type FastChange } from './fast-change.ts';
import type { WindowLayout } from './layout.ts';
import { PACE_WIDTH } from './season/pace.ts';
import { PROFILE_WIDTH } from './season/profile.ts';

/** Windows of a node whose change is remembered: those that may still be assessed. */
const NOTED = 4;

/** Columns of a node's calendar. Times in ms are Unix time. */
export const CALENDAR = {
  /** Window (minutes since 1970) that the season began with; 0: it has not. */
  from: 0,
  /** Hour since 1970 that is being gathered. */
  hour: 1,
  /** Newest window that was looked at: a revision of it teaches nothing twice. */
  upTo: 2,
  /** The newest change of level within seconds. */
  changedFromMs: 3,
  changedToMs: 4,
  /** Index of the GPU that showed it, −1 for the host. */
  changedGpu: 5,
  notes: 6,
} as const;

/** Columns of the change noted of one window. */
export const CHANGE = {
  fromMs: 0,
  toMs: 1,
  /** −1 for the host. */
  gpu: 2,
  track: 3,
  before: 4,
  after: 5,
  score: 6,
} as const;
const CHANGE_WIDTH = 7;
const CALENDAR_WIDTH = CALENDAR.notes + NOTED * CHANGE_WIDTH;

export const calendarSlab = () => new Slab(CALENDAR_WIDTH, (length) => new Float64Array(length));

/** What an entity of the rich tier is compared with beside its last windows: the hours of its week, and its last frames. */
export class Baseline {
  /** Levels and spreads of the hours of the week. */
  readonly week: Slab<Uint8Array>;
  /** Sums of the present hour and day, and the drift. */
  readonly pace: Slab<Float32Array>;
  /** Levels of the last frames. */
  readonly fast: Slab<Float32Array>;
  readonly slabs: readonly (Slab<Uint8Array> | Slab<Float32Array>)[];

  constructor({ tracked }: WindowLayout) {
    this.week = new Slab(tracked.length * PROFILE_WIDTH, (length) => new Uint8Array(length));
    this.pace = new Slab(tracked.length * PACE_WIDTH, (length) => new Float32Array(length));
    this.fast = new Slab(tracked.length * FAST_WIDTH, (length) => new Float32Array(length));
    this.slabs = [this.week, this.pace, this.fast];
  }
}

/** Place of a window's note, from the begin of the calendar's row. It is the window's own if its `toMs` lies in it. */
export function noteAt(window: number): number {
  return CALENDAR.notes + (window % NOTED) * CHANGE_WIDTH;
}

/**
 * Notes a change that the frame ending at `endMs` showed. The first of a window stays.
 * @param gpu index of the GPU, −1 for the host
 * @returns whether it is the first
 */
export function noteChange(
  calendar: Float64Array,
  at: number,
  gpu: number,
  endMs: number,
  intervalMs: number,
  change: FastChange,
): boolean {
  const window = Math.ceil(endMs / SUMMARY_MS);
  const note = at + noteAt(window);
  if (Math.ceil(calendar[note + CHANGE.toMs]! / SUMMARY_MS) === window) return false;
  const fromMs = endMs - change.frames * intervalMs;
  calendar[note + CHANGE.fromMs] = fromMs;
  calendar[note + CHANGE.toMs] = endMs;
  calendar[note + CHANGE.gpu] = gpu;
  calendar[note + CHANGE.track] = change.track;
  calendar[note + CHANGE.before] = change.before;
  calendar[note + CHANGE.after] = change.after;
  calendar[note + CHANGE.score] = change.score;
  calendar[at + CALENDAR.changedFromMs] = fromMs;
  calendar[at + CALENDAR.changedToMs] = endMs;
  calendar[at + CALENDAR.changedGpu] = gpu;
  return true;
}
