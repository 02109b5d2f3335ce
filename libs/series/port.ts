/**
 * The series store: points by (series, time), idempotent.
 *
 * Left out on purpose: an unscoped read (every read names nodes and the intervals of the tenancy that allow it),
 * server-side query languages, and buffering: a write resolves with what the store has acknowledged.
 */
export interface Series {
  /** Creates database and retention where the server allows it. */
  prepare(): Promise<void>;

  /**
   * Writes points; those of the same measurement, node, entity and time overwrite field by field.
   * Resolves with what was refused for its content; the others are stored. Rejects with `StoreUnavailableError`
   * (retryable) when nothing is known: writing again is safe.
   */
  write(points: readonly Point[]): Promise<WriteOutcome>;

  /** Points within the scopes, by time. The values follow `fields`, NaN where a point has none. */
  read(query: SeriesQuery): Promise<readonly Point[]>;

  /** Resolves when the store answers; rejects with `StoreUnavailableError`. */
  check(): Promise<void>;

  close(): Promise<void>;
}

export type Measurement = 'frame' | 'summary' | 'assessment';

export interface Point {
  readonly measurement: Measurement;
  readonly node: string;
  /** `host`, `gpu0`, `gpu1` … */
  readonly entity: string;
  readonly timeMs: number;
  /** Names of `values`; share one array between points, adapters cache by identity. */
  readonly fields: readonly string[];
  /** NaN: absent, not written. */
  readonly values: ArrayLike<number>;
}

export interface WriteOutcome {
  readonly stored: number;
  readonly refused: readonly { readonly index: number; readonly reason: string }[];
}

/** One node over one interval in which the reader may see it; `toMs` excluded. */
export interface Scope {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface SeriesQuery {
  readonly measurement: Measurement;
  readonly scopes: readonly Scope[];
  /** Omitted: every entity. */
  readonly entity?: string;
  readonly fields: readonly string[];
}
