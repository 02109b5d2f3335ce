import type { Assessment, Ground } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour, mostLikely } from '#libs/model/behaviour.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { closeEpisode, openEpisode, type Publish } from './episodes.ts';
import type { DetectParameters, Hash } from './parameters.ts';
import type { SiteNode } from './site-state.ts';
import { round } from './spread.ts';
import { TRACKED_METRICS } from './tracked.ts';
import { against } from './verdict.ts';

const KIND = 'unexplained';
const SM_ACTIVE = TRACKED_METRICS.findIndex(({ name }) => name === 'gpu_sm_active_ratio');

/** How long what a node does has fitted nothing that is declared. Plain data. */
export interface UnexplainedState {
  /** Windows that did, less `lapsePenalty` times those that did not; from 0 to `unexplainedWindows`. */
  readonly balance: number;
  /** End of the first window since it was 0 last. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Counts a window, and opens or closes what follows; for information alone.
 *
 * none → open: on balance for `unexplainedWindows` GPUs were seen to work, nothing deviated, and what is declared was
 * improbable: it takes hours, and four of five windows. open → none: the balance is at 0 again. Memory-bound
 * computing is not told from inference by counters, so this is a question to a person and raises no alert.
 */
export function judgeUnexplained(
  node: SiteNode,
  assessment: Assessment,
  declaration: Declaration | null,
  parameters: DetectParameters,
  hash: Hash,
  publish: Publish,
): void {
  const { windowEndMs: endMs } = assessment;
  const before = node.unexplained;
  if (endMs <= (before?.toMs ?? 0)) return;
  const { unexplainedWindows, lapsePenalty } = parameters;
  const fitsNothing = gpusWork(node, endMs, parameters) && isUnexplained(assessment, declaration, parameters);
  const step = fitsNothing ? 1 : -lapsePenalty;
  const balance = Math.min(unexplainedWindows, Math.max(0, (before?.balance ?? 0) + step));
  const fromMs = before === null || before.balance === 0 ? endMs : before.fromMs;
  node.unexplained = balance === 0 ? null : { balance, fromMs, toMs: endMs };
  if (balance === 0) closeEpisode(node, KIND, endMs, publish);
  if (balance < unexplainedWindows || node.open[KIND] !== undefined) return;
  openEpisode(
    node,
    KIND,
    fromMs,
    endMs,
    evidenceOf(assessment, declaration, fromMs, parameters),
    hash,
    publish,
  );
}

function isUnexplained(
  { conformity, behaviours }: Assessment,
  declaration: Declaration | null,
  { unexplainedProbability }: DetectParameters,
): boolean {
  if (declaration === null || conformity !== 'cannot tell') return false;
  return declaredShare(behaviours, declaration) < unexplainedProbability;
}

/**
 * Whether profiling counters show that the node's GPUs work. Where there are none, that is said by the verdict, and
 * nothing can follow from it; and a host that works while its GPUs wait is no other use of them.
 */
function gpusWork({ means }: SiteNode, endMs: number, { idleGpuRatio }: DetectParameters): boolean {
  const said = means.find((one) => one.endMs === endMs)?.means;
  return (said?.[SM_ACTIVE] ?? 0) > idleGpuRatio;
}

/** Probability of what is declared, and of being idle, which conforms to every declaration. */
function declaredShare(behaviours: Assessment['behaviours'], declaration: Declaration): number {
  const declared = new Set<Behaviour>(['B0', ...declaration.behaviours]);
  return [...declared].reduce((sum, behaviour) => sum + (behaviours[behaviour] ?? 0), 0);
}

function evidenceOf(
  assessment: Assessment,
  declaration: Declaration | null,
  fromMs: number,
  { unexplainedProbability }: DetectParameters,
) {
  const { windowEndMs, revision, behaviours, grade, counterReasons, unseen } = assessment;
  const share = declaration === null ? 0 : declaredShare(behaviours, declaration);
  const likeliest = BEHAVIOURS[mostLikely(behaviours)];
  const hours = ((windowEndMs - fromMs) / 3_600_000).toFixed(1);
  const reason: Ground = {
    rule: 'unexplained',
    metric: null,
    weight: 0,
    observed: round(share),
    expected: unexplainedProbability,
    text: `for ${hours} h what is declared has been improbable in nearly every window, and nothing was flagged; in the newest its probability is ${share.toFixed(2)}, and the likeliest is: ${likeliest}`,
  };
  return {
    severity: 'info',
    grade,
    reasons: [reason],
    counterReasons: [ALIKE, ...counterReasons],
    unseen,
    onset: null,
    assessments: [{ windowEndMs, revision }],
  } as const;
}

const ALIKE = against(
  'Memory-bound computing and inference look alike, and honest work that nobody has described looks like nothing that is known.',
);
