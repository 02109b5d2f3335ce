import model from './model.json' with { type: 'json' };
import type { EvidenceModel } from './model.ts';

/** The model that is shipped: learnt from simulated machines alone. What it says is synthetic evidence. */
export const SHIPPED_MODEL = model as EvidenceModel;
