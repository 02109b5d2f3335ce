import type { Assessment, Heartbeat } from '#libs/model/assessment.ts';
import type { Behaviour, Conformity, Grade } from '#libs/model/behaviour.ts';

/** The part of an assessment that a board shows. */
export interface Verdict {
  readonly node: string;
  readonly windowEndMs: number;
  /** The most likely. */
  readonly behaviour: Behaviour;
  readonly conformity: Conformity;
  readonly grade: Grade;
  readonly heartbeat: Heartbeat;
}

/** The assessments that are kept: each change of the verdict, and one an hour. Append-only. */
export interface AssessmentRegister {
  /** By node, window end and revision: the same again changes nothing. */
  keep(assessments: readonly Assessment[]): Promise<void>;
  /** The newest kept verdict of each of these nodes. */
  newest(nodes: readonly string[]): Promise<readonly Verdict[]>;
  /** Of all nodes, by window end and node; for boards. */
  verdicts(fromMs: number, toMs: number): Promise<readonly Verdict[]>;
  /** Of one node, newest first. */
  list(
    node: string,
    query: { readonly beforeMs: number; readonly limit: number },
  ): Promise<readonly Assessment[]>;
  /** Forgets what ended before `beforeMs` and no finding rests on. */
  prune(beforeMs: number): Promise<void>;
}
