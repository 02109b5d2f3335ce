/** Axis 1 of a verdict: what a node's counters look like. Never a statement about who, why or whether it is allowed. */
export const BEHAVIOURS = {
  B0: 'idle or parked',
  B1: 'AI training',
  B2: 'AI inference',
  B3: 'other declared compute (HPC, render)',
  B4: 'proof-of-work hashing on GPU',
  B5: 'matmul proof-of-work-like ("AI-shaped")',
  B6: 'proof-of-work on CPU',
  B7: 'cryptographic compute (ZK, FHE, privacy)',
  B8: 'validator or consensus node',
  B9: 'storage, edge or bandwidth',
  B10: 'AI with token incentive (from evidence other than counters)',
  B11: 'mixed',
  B12: 'blind or tampered',
  B13: 'unknown',
} as const;
export type Behaviour = keyof typeof BEHAVIOURS;

const KEYS = Object.keys(BEHAVIOURS) as Behaviour[];

/** The most likely behaviour of a distribution; of equals the first in the list, B13 before all. */
export function mostLikely(behaviours: Readonly<Partial<Record<Behaviour, number>>>): Behaviour {
  let found: Behaviour = 'B13';
  for (const key of KEYS) if ((behaviours[key] ?? 0) > (behaviours[found] ?? 0)) found = key;
  return found;
}

/** Axis 2: how the behaviour relates to the declaration in force. */
export const CONFORMITIES = ['conforms', 'deviates', 'undeclared', 'cannot tell'] as const;
export type Conformity = (typeof CONFORMITIES)[number];

/**
 * Axis 3: how far the evidence can be trusted. External consequences need A or B. A frame is judged before the seal that
 * signs it has come: until then it hangs on the last seal by its chain alone, which anybody can go on with who reads it.
 */
export const GRADES = {
  A: 'in-band and at least one out-of-band source agree, signed up to the last seal, coverage at least 99 %',
  B: 'complete out-of-band only',
  C: 'in-band only, continuous, signed up to the last seal; later frames, of 15 minutes at most, are chained and not yet signed',
  D: 'gaps, unsigned, or a key that nobody has enrolled',
  X: 'sources contradict each other',
} as const;
export type Grade = keyof typeof GRADES;
