import type { Attempt, Jobs } from '#libs/jobs/port.ts';
import type { Duty } from './duty.ts';

export const DUTIES = 'duties';
/** Before a job counts as failed; the next look begins it anew. */
const ATTEMPTS = 10;

interface Task {
  readonly duty: string;
  readonly payload: unknown;
}

/** Keeps delayed jobs for what falls due soon, and does them. */
export class Duties {
  readonly #duties: readonly Duty[];
  readonly #jobs: Jobs;
  readonly #horizonMs: number;
  readonly #backoffMs: number;

  /** @param horizonMs how far ahead jobs are made: several looks. What is later waits in the ledger alone. */
  constructor(duties: readonly Duty[], jobs: Jobs, horizonMs: number, backoffMs: number) {
    this.#duties = duties;
    this.#jobs = jobs;
    this.#horizonMs = horizonMs;
    this.#backoffMs = backoffMs;
  }

  /** Makes the jobs that are not there. */
  async look(): Promise<void> {
    const nowMs = Date.now();
    for (const duty of this.#duties) {
      for (const { key, runAtMs, payload } of await duty.plan(nowMs, nowMs + this.#horizonMs)) {
        await this.#jobs.schedule({
          queue: DUTIES,
          id: `${duty.name}-${key}`,
          payload: { duty: duty.name, payload } satisfies Task,
          runAtMs,
          attempts: ATTEMPTS,
          backoffMs: this.#backoffMs,
        });
      }
    }
  }

  async run({ payload }: Attempt): Promise<void> {
    const task = payload as Task;
    const duty = this.#duties.find(({ name }) => name === task.duty);
    await duty?.run(task.payload, Date.now());
  }
}
