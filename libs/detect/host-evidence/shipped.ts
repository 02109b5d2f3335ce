import type { EvidenceModel } from '../evidence/model.ts';
import model from './model.json' with { type: 'json' };

/** The model of hosts that is shipped: learnt from the project's own recordings of one machine alone. */
export const SHIPPED_HOST_MODEL = model as EvidenceModel;
