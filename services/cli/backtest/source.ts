import type { Batch } from '#libs/bus/port.ts';
import type { Register } from '#libs/detect/register.ts';

/** Stored telemetry, as the detector would have met it: batches of `frames` and `readings`, in one fixed order. */
export interface Source {
  readonly kind: 'bus' | 'series' | 'traces';
  /** Where it comes from, for a person. */
  readonly words: string;
  /** Steps of the whole, for a progress bar. */
  readonly total: number;
  /** What a backtest of it cannot see, in sentences. */
  readonly unseen: readonly string[];
  /** Nodes labelled with what nobody declares: an alert on them is not a false one. */
  readonly labelled: ReadonlySet<string>;
  /** @param step told of progress */
  stretches(step: (by: number) => void): AsyncIterable<Stretch>;
}

/** A run of telemetry that begins with a detector that knows nothing. */
export interface Stretch {
  readonly register: Register;
  readonly batches: AsyncIterable<Batch>;
}

/** Event time that is put through, Unix ms; `toMs` excluded. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export const ALL_TIME: Range = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/**
 * Event time after the end for which ticks go on, so that the last windows close and are compared with peers; less
 * than what would make a node missed.
 */
export const CLOSING_MS = 60_000;
