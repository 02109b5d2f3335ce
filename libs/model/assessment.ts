import type { Behaviour, Conformity, Grade } from './behaviour.ts';

/** One term of a verdict: what was observed, against what, and how much it weighs. */
export interface Ground {
  /** The rule or feature, e.g. `envelope`, `own-past`, `peers`, `onset`, `heartbeat`. */
  readonly rule: string;
  /** Column of the metric catalogue, or null where the ground is not about one metric. */
  readonly metric: string | null;
  /** Log-likelihood ratio in nats, bounded; positive speaks for a deviation, negative against it. */
  readonly weight: number;
  readonly observed: number | null;
  /** The bound, median or level that `observed` is compared with. */
  readonly expected: number | null;
  /** One sentence a person reads. */
  readonly text: string;
}

/** An instant known to lie within an interval (event time, Unix ms). */
export interface TimeInterval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How the node's stream looks, counted in ticks. */
export const HEARTBEATS = ['present', 'missed', 'blind'] as const;
export type Heartbeat = (typeof HEARTBEATS)[number];

/** How much of a node's time a behaviour had, 0–1, and the bounds that it lies within. */
export interface ShareEstimate {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** The behaviours of a node over the last 24 hours, its GPUs each by their share. */
export interface BehaviourShares {
  /** Begin of the first hour of them that it reported in. */
  readonly fromMs: number;
  /** Windows of a minute that it rests on; one that was not covered by frames is none. */
  readonly windows: number;
  /** Shares sum to 1; what is left out is at most half a percent. */
  readonly behaviours: Readonly<Partial<Record<Behaviour, ShareEstimate>>>;
}

/** For a node and a window: what it did, against what it declared, and how far that can be trusted. Append-only. */
export interface Assessment {
  readonly node: string;
  readonly site: string;
  readonly tenant: string | null;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** Hash of detector, parameters, declaration and inputs: the same inputs give the same revision. */
  readonly revision: string;
  /** Name and version of the detector. */
  readonly detector: string;
  /** Declaration in force, `id@version`, or null. */
  readonly declaration: string | null;
  /** Probability of each behaviour; sums to 1. */
  readonly behaviours: Readonly<Partial<Record<Behaviour, number>>>;
  /**
   * Log odds of what nobody declares here against all else, nats; null where the window has no such evidence. Stage 2
   * gathers them over windows; none is shown by itself. Assessments from before it was kept have none.
   */
  readonly logOdds?: number | null;
  readonly conformity: Conformity;
  readonly grade: Grade;
  readonly heartbeat: Heartbeat;
  /** Share of the window's expected frames that arrived, 0–1. */
  readonly coverageRatio: number;
  readonly reasons: readonly Ground[];
  readonly counterReasons: readonly Ground[];
  /** In the first window of each of the node's hours alone (`node-hour.ts`), and only where enough windows are known. */
  readonly shares?: BehaviourShares;
  /** When the present behaviour began, where a change point was found. */
  readonly onset: TimeInterval | null;
  /** What this verdict cannot see, in sentences. */
  readonly unseen: readonly string[];
}
