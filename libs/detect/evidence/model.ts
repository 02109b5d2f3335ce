import type { Behaviour } from '#libs/model/behaviour.ts';

/**
 * What windows of each family of workloads look like: per feature, how its values spread over bins. A file of it is
 * versioned and readable, and says what made it. `davylamp train` writes it.
 */
export interface EvidenceModel extends EvidenceTables {
  readonly version: number;
  /** The command and the data that made it, for whoever wants to make it again. */
  readonly made: { readonly command: string; readonly data: string; readonly windows: number };
}

export interface EvidenceTables {
  readonly features: readonly FeatureModel[];
  readonly families: readonly FamilyModel[];
}

export interface FeatureModel {
  readonly name: string;
  /** Inner edges of the bins, ascending: one bin more than edges; the outer ones are open. */
  readonly edges: readonly number[];
}

export interface FamilyModel {
  readonly name: string;
  readonly behaviour: Behaviour;
  /** Per feature the probability of each bin, smoothed; null: the family's windows never had it. */
  readonly bins: readonly (readonly number[] | null)[];
}

/** Place of a value among the bins; −1 for NaN. O(edges). */
export function binOf(edges: readonly number[], value: number): number {
  if (Number.isNaN(value)) return -1;
  let bin = 0;
  while (bin < edges.length && value >= (edges[bin] ?? 0)) bin++;
  return bin;
}
