import type { Behaviour } from './behaviour.ts';

/** One bound of a declared envelope, on the mean of a metric over a window. At least one end is given. */
export interface Bound {
  /** Metric of the catalogue, without a statistic's suffix. */
  readonly metric: string;
  readonly min: number | null;
  readonly max: number | null;
}

/** A tenant's entry on the positive list: what a node is for, and what that looks like. Versioned, never edited. */
export interface Declaration {
  readonly id: string;
  readonly version: number;
  readonly tenant: string;
  /** Nodes it covers. */
  readonly nodes: readonly string[];
  readonly behaviours: readonly Behaviour[];
  readonly envelope: readonly Bound[];
  readonly validFromMs: number;
  readonly validToMs: number | null;
  /** The named person who put it on the list. */
  readonly approver: string;
  readonly recordedMs: number;
}
