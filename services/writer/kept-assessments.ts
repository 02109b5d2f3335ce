import type { AssessmentRegister, Verdict } from '#libs/ledger/assessment-port.ts';
import { verdictOf } from '#libs/ledger/assessments.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import { nodeHour } from '#libs/model/node-hour.ts';
import { isWhole } from '#libs/model/whole-window.ts';

const DAY_MS = 86_400_000;

/** A choice of what to keep; nothing is remembered of it before it is durable. */
export interface Choice {
  readonly keep: readonly Assessment[];
  /** The newest kept verdict of each node met, once `keep` is durable. */
  readonly newest: ReadonlyMap<string, Verdict>;
}

/**
 * Chooses which assessments the ledger keeps: each change of a node's verdict, and one an hour of event time. The same
 * assessments again choose the same, whatever was kept of them before: a choice goes by the node's newest kept verdict.
 */
export class KeptAssessments {
  readonly #register: AssessmentRegister;
  readonly #newest = new Map<string, Verdict>();
  /** The present in event time, as far as it was heard of; 0: not yet. */
  #nowMs = 0;

  constructor(register: AssessmentRegister) {
    this.#register = register;
  }

  /** @param assessments in the order of the bus. */
  async choose(assessments: readonly Assessment[]): Promise<Choice> {
    const newest = new Map<string, Verdict>();
    for (const verdict of await this.#known(assessments)) newest.set(verdict.node, verdict);
    const keep = assessments.filter(isWhole).filter((assessment) => {
      const verdict = verdictOf(assessment);
      const isKept = isWorthKeeping(newest.get(verdict.node), verdict);
      if (isKept) newest.set(verdict.node, verdict);
      return isKept;
    });
    return { keep, newest };
  }

  async keep({ keep, newest }: Choice): Promise<void> {
    if (keep.length > 0) await this.#register.keep(keep);
    for (const [node, verdict] of newest) {
      this.#newest.set(node, verdict);
      this.#nowMs = Math.max(this.#nowMs, verdict.windowEndMs);
    }
  }

  /** Has the ledger forget what is older than that, in event time: a demonstration's past is not ours. */
  async prune(days: number): Promise<void> {
    if (this.#nowMs > 0) await this.#register.prune(this.#nowMs - days * DAY_MS);
  }

  /** Forgets what it remembers: another writer may have kept others of these nodes. */
  forget(): void {
    this.#newest.clear();
  }

  /** What is remembered of their nodes; of those met for the first time the ledger is asked. */
  async #known(assessments: readonly Assessment[]): Promise<readonly Verdict[]> {
    const nodes = [...new Set(assessments.map(({ node }) => node))];
    const unknown = nodes.filter((node) => !this.#newest.has(node));
    const found = unknown.length > 0 ? await this.#register.newest(unknown) : [];
    return [...found, ...nodes.flatMap((node) => this.#newest.get(node) ?? [])];
  }
}

/** What ended before the newest kept one was chosen or left when it came first. */
function isWorthKeeping(newest: Verdict | undefined, verdict: Verdict): boolean {
  if (!newest) return true;
  if (verdict.windowEndMs < newest.windowEndMs) return false;
  return !isSame(newest, verdict) || hourOf(newest) !== hourOf(verdict);
}

function isSame(a: Verdict, b: Verdict): boolean {
  return (
    a.behaviour === b.behaviour &&
    a.conformity === b.conformity &&
    a.grade === b.grade &&
    a.heartbeat === b.heartbeat
  );
}

const hourOf = ({ node, windowEndMs }: Verdict) => nodeHour(node, windowEndMs);
