import type { Behaviour } from '#libs/model/behaviour.ts';
import { BUSY_SM, FEATURES, type Feature, QUIET_BYTES } from '../evidence/features.ts';
import { DOUBT_RATIO, SPILL } from '../evidence/fit.ts';
import { LEAST_NATS, SHOWN } from '../evidence/grounds.ts';
import type { EvidenceModel } from '../evidence/model.ts';
import { RARE, Scorer } from '../evidence/score.ts';
import { LEAST_BYTES, QUIET_HOST, QUIET_NETWORK } from '../evidence/traffic.ts';
import type { DetectParameters } from '../parameters.ts';
import { type Meaning, PARAMETER_MEANINGS } from './meanings.ts';

/** How a family counts, unless its behaviour is on the node's declaration. */
export type Side = 'undeclared' | 'ordinary' | 'unknown';

export interface ExplainedFamily {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly side: Side;
  /** By feature the probability of each bin; null: its windows never had the feature. */
  readonly bins: readonly (readonly number[] | null)[];
  /** By feature what each bin says for it, in nats, bounded and discounted: as the detector adds it up. */
  readonly terms: readonly (readonly number[])[];
}

export interface ExplainedParameter extends Meaning {
  readonly name: string;
  readonly value: number;
}

export type ExplainedFeature = Omit<Feature, 'edges'> & { readonly edges: readonly number[] };

/** Every number that evidence of behaviours rests on, with its words; features in one order everywhere. */
export interface Explanation {
  readonly made: EvidenceModel['made'];
  readonly features: readonly ExplainedFeature[];
  readonly families: readonly ExplainedFamily[];
  readonly parameters: readonly ExplainedParameter[];
  /** Numbers of the code that are no parameters: changing one means another model. */
  readonly fixed: readonly Omit<ExplainedParameter, 'part' | 'source'>[];
}

/** What a model and parameters decide by. Pure. */
export function explain(model: EvidenceModel, parameters: DetectParameters): Explanation {
  const scorer = new Scorer(model, parameters);
  return {
    made: model.made,
    features: FEATURES.map((feature, index) => ({
      ...feature,
      edges: model.features[index]?.edges ?? [],
    })),
    families: model.families.map(({ name, behaviour, bins }, family) => ({
      ...{ name, behaviour, bins, side: sideOf(behaviour) },
      terms: model.features.map(({ edges }, feature) =>
        Array.from({ length: edges.length + 1 }, (_, bin) => round(scorer.term(family, feature, bin))),
      ),
    })),
    parameters: [...PARAMETER_MEANINGS].map(([name, meaning]) => ({
      ...{ name, value: parameters[name] },
      ...meaning,
    })),
    fixed: FIXED,
  };
}

const FIXED: Explanation['fixed'] = [
  {
    name: 'BUSY_SM',
    value: BUSY_SM,
    unit: 'ratio',
    meaning: 'Below this activity, shares of it mean nothing: the feature is missing.',
  },
  {
    name: 'QUIET_BYTES',
    value: QUIET_BYTES,
    unit: 'By/s',
    meaning: 'Added to traffic before the logarithm: what a quiet link carries.',
  },
  {
    name: 'QUIET_NETWORK',
    value: QUIET_NETWORK,
    unit: 'By/s',
    meaning: 'Added to a host’s network traffic before the logarithm.',
  },
  {
    name: 'QUIET_HOST',
    value: QUIET_HOST,
    unit: 'By/s',
    meaning: 'Added to disk reads and fabric traffic before the logarithm: programs, logs, a port’s manager.',
  },
  {
    name: 'LEAST_BYTES',
    value: LEAST_BYTES,
    unit: 'By/s',
    meaning: 'With less network traffic, shares and variation of it mean nothing: the features are missing.',
  },
  {
    name: 'SPILL',
    value: SPILL,
    unit: 'share',
    meaning: 'Of a window’s count, given to each neighbouring bin: a value near an edge is no other value.',
  },
  {
    name: 'DOUBT_RATIO',
    value: DOUBT_RATIO,
    unit: 'share',
    meaning: 'Of a family’s windows, spread evenly over the bins: what was never seen may be.',
  },
  { name: 'SHOWN', value: SHOWN, unit: 'grounds', meaning: 'Shown of each side, the largest first.' },
  {
    name: 'LEAST_NATS',
    value: LEAST_NATS,
    unit: 'nats',
    meaning: 'A smaller term is not worth a sentence. It counts all the same.',
  },
];

function sideOf(behaviour: Behaviour): Side {
  if (behaviour === 'B13') return 'unknown';
  return RARE.has(behaviour) ? 'undeclared' : 'ordinary';
}

/** Three decimals: terms are read by people. */
const round = (value: number): number => Math.round(value * 1e3) / 1e3;
