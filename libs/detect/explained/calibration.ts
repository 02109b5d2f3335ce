import calibration from '../evidence/calibration.json' with { type: 'json' };
import type { EvidenceModel } from '../evidence/model.ts';
import type { DetectParameters, Hash } from '../parameters.ts';
import type { Separation } from './separation.ts';

/** Windows to which a similar probability was given, and the share of which it was so, with its interval of 95 %. */
export interface CalibrationPoint {
  readonly said: number;
  readonly held: number;
  readonly low: number;
  readonly high: number;
  readonly windows: number;
}

export interface CalibrationCurve {
  readonly name: string;
  readonly points: readonly CalibrationPoint[];
}

/** Said against true frequency on runs that no fit has seen. */
export interface Calibration {
  readonly command: string;
  /** What the runs were: `synthetic`. */
  readonly data: string;
  /** Of the model and the parameters that were measured: it holds for no others. */
  readonly fingerprint: string;
  readonly curves: readonly CalibrationCurve[];
  readonly separation: Separation;
}

/** Measured with the shipped model; see {@link fingerprintOf} for whether it still holds. */
export const SHIPPED_CALIBRATION: Calibration = calibration;

/** Hash of all that the probabilities of one window depend on. */
export function fingerprintOf(
  { features, families }: EvidenceModel,
  { termCap, termDiscount, unknownPrior, rarePrior }: DetectParameters,
  hash: Hash,
): string {
  return hash(JSON.stringify([features, families, termCap, termDiscount, unknownPrior, rarePrior])).slice(
    0,
    16,
  );
}
