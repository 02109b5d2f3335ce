import type { Ground } from '#libs/model/assessment.ts';
import type { Grade } from '#libs/model/behaviour.ts';
import type { DetectParameters } from './parameters.ts';

/** What checking a frame's chain, seal and clock found; flags are or-ed over a window. */
export const TRUST = {
  /** A predecessor is missing. */
  gap: 1,
  /** No valid seal came with the last 90 frames. Those after the newest seal are chained to it, and not signed yet. */
  unsealed: 2,
  /** The key was trusted on first use, or none is known. */
  unenrolled: 4,
  /** Two payloads claim the same predecessor or place. */
  fork: 8,
  /** The seal is by another key than the node's. */
  otherKey: 16,
  /** Frames come long after their time, minute after minute: the device's clock is behind, or they wait on their way. */
  behind: 32,
  /** Two starts of the agent send at the same time. */
  twins: 64,
  /** A frame does not fit the one before or after it: one of them is not what was sent. */
  broken: 128,
  /** Not part of the chain: another start of the agent, or a frame, older than what the chain has reached. */
  stale: 256,
} as const;

/** Flags that say that two machines may answer to one name. */
export const CLONE = TRUST.fork | TRUST.otherKey | TRUST.twins;
const CONTRADICTION = CLONE | TRUST.broken;
const WEAKNESS = TRUST.gap | TRUST.unsealed | TRUST.unenrolled | TRUST.stale | TRUST.behind;

/** Share of a window's frames that the best grade asks for: DOMAIN.md §8. */
const COMPLETE_RATIO = 0.99;

/**
 * Grade of an assessment beside what a meter says of the same node's power (DOMAIN.md §8, axis 3).
 * @param agree a sensor of the whole node and a meter outside have said the same of late
 * @param contradict they, or what the node says of its parts, contradict each other
 */
export function gradeBeside(
  { grade, coverageRatio }: { readonly grade: Grade; readonly coverageRatio: number },
  agree: boolean,
  contradict: boolean,
): Grade {
  if (contradict) return 'X';
  return agree && grade === 'C' && coverageRatio >= COMPLETE_RATIO ? 'A' : grade;
}

/** Grade of in-band evidence alone: C at best. */
export function gradeOf(flags: number): Grade {
  if ((flags & CONTRADICTION) !== 0) return 'X';
  return (flags & WEAKNESS) === 0 ? 'C' : 'D';
}

const CLONE_TEXTS: readonly (readonly [flag: number, text: string])[] = [
  [TRUST.fork, 'two different frames claim the same place in the chain of this node'],
  [TRUST.otherKey, 'frames are sealed by another key than the one known for this node'],
  [TRUST.twins, 'two starts of the agent report under this name at the same time'],
];

/** Grounds that two machines may answer to one name. */
export function cloneGrounds(flags: number, weight: number): Ground[] {
  return CLONE_TEXTS.filter(([flag]) => (flags & flag) !== 0).map(([, text]) => ({
    rule: 'clone',
    metric: null,
    weight,
    observed: null,
    expected: null,
    text,
  }));
}

/** The ground that what a node says is of another time than it claims; none without the flag. */
export function clockGrounds(flags: number, { weightCap, clockBehindMs }: DetectParameters): Ground[] {
  if ((flags & TRUST.behind) === 0) return [];
  return [
    {
      rule: 'clock',
      metric: null,
      weight: weightCap,
      observed: null,
      expected: clockBehindMs / 1000,
      text: `frames arrive more than ${clockBehindMs / 1000} s after the time that they bear, minute after minute: the device's clock is behind, or they wait on their way`,
    },
  ];
}

const DOUBTS: readonly (readonly [flag: number, text: string])[] = [
  [TRUST.gap, 'Frames are missing from the chain, so part of the window is unknown.'],
  [TRUST.broken, 'A frame does not fit its neighbours in the chain.'],
  [TRUST.stale, 'Some frames are older than what the chain had reached, and were not checked against it.'],
  [TRUST.behind, 'Its minutes are not those of meters and peers, so that they cannot be compared.'],
  [TRUST.unsealed, 'No valid seal covers the newest frames yet.'],
  [TRUST.unenrolled, 'Nobody has enrolled the key of this node; it was trusted on first use.'],
];

/** Sentences about what weakens the evidence of a window. */
export function doubts(flags: number): string[] {
  return DOUBTS.filter(([flag]) => (flags & flag) !== 0).map(([, text]) => text);
}
