import { type Example, fitEvidence } from '../evidence/fit.ts';
import type { EvidenceTables, FeatureModel } from '../evidence/model.ts';
import { HOST_FEATURES } from './features.ts';

/**
 * Windows' worth of doubt spread evenly over the bins, as a share of a family's own. A family is a few minutes of one
 * machine: what it looks like elsewhere is as good as half unknown. Starting value, not tuned on results.
 */
export const HOST_DOUBT_RATIO = 1;

const FEATURES = HOST_FEATURES.map(({ name, edges }): FeatureModel => ({ name, edges }));

/** Fits the tables of hosts. O(examples × features). */
export function fitHostEvidence(examples: readonly Example[]): EvidenceTables {
  return fitEvidence(examples, FEATURES, HOST_DOUBT_RATIO);
}
