import type { AlertState } from '#libs/model/alert.ts';
import type { Heartbeat } from '#libs/model/assessment.ts';
import type { Behaviour, Conformity } from '#libs/model/behaviour.ts';
import type { FindingKind } from '#libs/model/finding.ts';
import type { DeliveryView } from '../api/contract/alerts.ts';

/** What a behaviour is called where there is little room; the model has the whole sentence. */
export const BEHAVIOUR_WORDS: Readonly<Record<Behaviour, string>> = {
  B0: 'idle',
  B1: 'AI training',
  B2: 'AI inference',
  B3: 'other compute',
  B4: 'PoW-like, GPU',
  B5: 'matmul PoW-like',
  B6: 'PoW-like, CPU',
  B7: 'cryptographic',
  B8: 'validator-like',
  B9: 'storage or edge',
  B10: 'AI with token',
  B11: 'mixed',
  B12: 'blind',
  B13: 'unknown',
};

export const CONFORMITY_WORDS: Readonly<Record<Conformity, string>> = {
  conforms: 'It fits the declaration in force.',
  deviates: 'It lies outside the declaration in force.',
  undeclared: 'No declaration is in force for this node, so there is nothing to compare it with.',
  'cannot tell': 'Whether it fits the declaration cannot be told from what was measured.',
};

export const HEARTBEAT_WORDS: Readonly<Record<Heartbeat, string>> = {
  present: 'reporting',
  missed: 'missed reports',
  blind: 'silent',
};

/** What each kind of finding observes. */
export const FINDING_WORDS: Readonly<Record<FindingKind, string>> = {
  deviation:
    'Its counters show something else than was declared for it, or than it and its peers are used to.',
  unexplained:
    'For hours nothing declared has been a likely explanation of its counters. It raises no alert.',
  blind: 'It reports nothing any more.',
  'blind with load': 'It reports nothing, while a meter shows that it draws power.',
  'energy mismatch': 'What it says of its power and what a meter shows do not agree.',
  'unmetered load': 'More power flows than the meters account for.',
  'tariff mismatch': 'The shape of the load differs from what its tariff is meant for.',
  'undeclared device': 'A device was seen that no declaration names.',
  'inspection-correlated': 'Its load changes with announced visits.',
  clock: 'Its clock differs from the time at which its frames arrive.',
  clone: 'Two senders report under one name.',
};

export const STATE_WORDS: Readonly<Record<AlertState, string>> = {
  open: 'Nobody has looked at it yet.',
  acknowledged: 'Somebody looks after it.',
  escalated: 'It was passed on to somebody else.',
  silenced: 'Nobody is told of it until the silence ends. It is kept and shown.',
  resolved: 'Its findings have ended, or a person closed it.',
};

export const EVENT_WORDS: Readonly<Record<DeliveryView['event'], string>> = {
  opened: 'that it opened',
  resolved: 'that it was resolved',
  escalated: 'that it was escalated',
};

export const RULE_WORDS: Readonly<Record<string, string>> = {
  behaviour: 'evidence of a behaviour',
  sequential: 'evidence gathered over windows',
  envelope: 'declared envelope',
  'own-past': 'own past',
  'young-past': 'first windows',
  change: 'change within seconds',
  drift: 'drift over days',
  peers: 'peers',
  onset: 'change point',
  heartbeat: 'heartbeat',
  shares: 'the last 24 hours',
  energy: 'meter against node',
  unexplained: 'fits nothing declared',
};
