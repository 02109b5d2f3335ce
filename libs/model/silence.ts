import type { FindingKind } from './finding.ts';

/** Which alerts a silence covers: those that fit every field given. At least one is. */
export interface SilenceScope {
  readonly alert?: string;
  readonly site?: string;
  readonly tenant?: string;
  readonly kind?: FindingKind;
  /** Covers an alert while all nodes of its open findings are among them. */
  readonly nodes?: readonly string[];
}

/**
 * Nobody is told of the alerts it covers, from `fromMs` until `untilMs`; they are kept and shown. `maintenance`: a
 * planned window. Never edited: it ends early, or another begins.
 */
export interface Silence {
  readonly id: string;
  readonly purpose: 'silence' | 'maintenance';
  readonly scope: SilenceScope;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reason: string;
  readonly by: string;
  readonly createdMs: number;
  /** A person ended it early. */
  readonly endedMs: number | null;
  readonly endedBy: string | null;
}
