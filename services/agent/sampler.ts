import type { CollectorSet } from './collector-set.ts';
import { type Gathered, Gathering } from './gathering.ts';
import { frameEndMs, nextSampleMs, type SamplingPeriods } from './sampling-clock.ts';

/** Receives every closed frame. @param endMs its end in device time. @param last none follows. */
export type TakeFrame = (gathered: Gathered, endMs: number, last: boolean) => void;

/**
 * Samples at the period's multiples and closes a frame at the interval's. Intervals that the machine slept through
 * are not made up: the next frame just ends later.
 */
export class Sampler {
  readonly #periods: SamplingPeriods;
  readonly #collectors: CollectorSet;
  readonly #take: TakeFrame;
  readonly #gathering = new Gathering();
  #timer: NodeJS.Timeout | undefined;
  #endMs = Number.NaN;
  #lastDueMs = Number.NaN;

  constructor(periods: SamplingPeriods, collectors: CollectorSet, take: TakeFrame) {
    this.#periods = periods;
    this.#collectors = collectors;
    this.#take = take;
  }

  /** The first reading only opens the sources and sets what rates are measured from. */
  start(): void {
    const nothing = new Gathering();
    this.#collectors.sample(nothing, monotonicSeconds());
    this.#collectors.finish(nothing, monotonicSeconds());
    this.#schedule();
  }

  /** Closes the frame that is being gathered, as the last; it ends now and has at least one sample. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#gathering.samples === 0) this.#gather();
    this.#close(Date.now(), true);
    this.#collectors.close();
  }

  #schedule(): void {
    const nowMs = Date.now();
    const nextMs = nextSampleMs(nowMs, this.#periods);
    // Timers may fire a little early: that sample has been taken.
    const dueMs = nextMs === this.#lastDueMs ? nextMs + this.#periods.sampleMs : nextMs;
    this.#timer = setTimeout(() => {
      this.#sample(dueMs);
      this.#schedule();
    }, dueMs - nowMs);
  }

  #sample(dueMs: number): void {
    const endMs = frameEndMs(dueMs, this.#periods);
    // The clock was set, or the machine slept: what was gathered belongs to another interval.
    if (this.#gathering.samples > 0 && endMs !== this.#endMs) this.#close(this.#endMs);
    this.#endMs = endMs;
    this.#lastDueMs = dueMs;
    this.#gather();
    if (dueMs === endMs) this.#close(endMs);
  }

  #gather(): void {
    this.#collectors.sample(this.#gathering, monotonicSeconds());
    this.#gathering.sampled();
  }

  #close(endMs: number, last = false): void {
    this.#collectors.finish(this.#gathering, monotonicSeconds());
    this.#take(this.#gathering.take(), endMs, last);
  }
}

/** Differences of it are times that no clock setting disturbs. */
function monotonicSeconds(): number {
  return performance.now() / 1000;
}
