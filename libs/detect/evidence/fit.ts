import type { Behaviour } from '#libs/model/behaviour.ts';
import { FEATURES, type Feature } from './features.ts';
import { binOf, type EvidenceTables, type FamilyModel, type FeatureModel } from './model.ts';

/** One labelled window of one GPU or host: values in the order of its features. */
export interface Example {
  readonly family: string;
  readonly behaviour: Behaviour;
  readonly values: Float64Array;
}

/**
 * Edges by the scale of a feature. They are chosen for reading, not fitted: ratios in steps that are finer near
 * nothing and near everything, rates in half decades, variations in factors of two.
 */
const EDGES: Readonly<Record<Feature['unit'], readonly number[]>> = {
  ratio: [0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97],
  'log10 By/s': [5.3, 5.8, 6.3, 6.8, 7.3, 7.8, 8.3, 8.8, 9.3, 9.8, 10.3, 10.8],
  share: [0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1, 1.4],
  number: [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56],
};

/** Share of a bin's weight that its neighbours on each side get: a value near an edge is no other value. */
export const SPILL = 0.15;
/** Windows' worth of doubt spread evenly over the bins, as a share of a family's own: what was never seen may be. */
export const DOUBT_RATIO = 0.03;

const GPU_FEATURES = FEATURES.map(({ name, unit, edges = EDGES[unit] }): FeatureModel => ({ name, edges }));

/**
 * Fits the tables. O(examples × features).
 * @param features what the examples' values are of; default: those of a GPU and its node's traffic
 */
export function fitEvidence(
  examples: readonly Example[],
  features: readonly FeatureModel[] = GPU_FEATURES,
  doubtRatio = DOUBT_RATIO,
): EvidenceTables {
  const families = [...Map.groupBy(examples, ({ family }) => family)].map(
    ([name, own]): FamilyModel => ({
      name,
      behaviour: own[0]?.behaviour ?? 'B13',
      bins: features.map(({ edges }, index) => densityOf(edges, own, index, doubtRatio)),
    }),
  );
  return { features, families: families.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function densityOf(
  edges: readonly number[],
  examples: readonly Example[],
  feature: number,
  doubtRatio: number,
): number[] | null {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let total = 0;
  for (const { values } of examples) {
    const bin = binOf(edges, values[feature] ?? Number.NaN);
    if (bin < 0) continue;
    spill(counts, bin);
    total++;
  }
  if (total === 0) return null;
  const doubt = (doubtRatio * total) / counts.length;
  return counts.map((count) => rounded((count + doubt) / (total * (1 + doubtRatio))));
}

/** Adds one window; what would spill over an end stays. */
function spill(counts: number[], bin: number): void {
  const neighbours = [bin - 1, bin + 1].filter((place) => place >= 0 && place < counts.length);
  for (const place of neighbours) counts[place] = (counts[place] ?? 0) + SPILL;
  counts[bin] = (counts[bin] ?? 0) + 1 - SPILL * neighbours.length;
}

/** Four decimals: the file is read by people. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
