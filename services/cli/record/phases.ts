/** Lengths in seconds. */
export interface PhaseLengths {
  readonly warmUp: number;
  readonly steady: number;
  readonly coolDown: number;
}

/** Times in seconds from the first row; null: it did not come to that. */
export interface Marks {
  readonly start_s: number;
  readonly steady_s: number | null;
  readonly end_s: number | null;
}

export type Phase = 'warm-up' | 'steady' | 'cool-down' | 'over';

/**
 * Where a recording stands, told by its rows: warm-up → steady → cool-down → over. A row speaks of the time before
 * it, so the rows labelled are those after `warmUp` up to `warmUp + steady`. Work that ends early cuts warm-up and
 * steady short, and the row in which it ended has no label.
 */
export class Phases {
  readonly #lengths: PhaseLengths;
  #phase: Phase = 'warm-up';
  #steadyS: number | null = null;
  #endS: number | null = null;

  constructor(lengths: PhaseLengths) {
    this.#lengths = lengths;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get marks(): Marks {
    return { start_s: 0, steady_s: this.#steadyS, end_s: this.#endS };
  }

  /** @param ended the work is done, or given up. @returns whether the row at this time is to be labelled */
  row(timeSeconds: number, ended: boolean): boolean {
    const { warmUp, steady, coolDown } = this.#lengths;
    if (this.#phase === 'warm-up' && timeSeconds > warmUp) {
      this.#phase = 'steady';
      this.#steadyS = warmUp;
    }
    if (this.#endS === null && (ended || timeSeconds >= warmUp + steady)) this.#endS = timeSeconds;
    const labelled = this.#phase === 'steady' && !ended;
    if (this.#endS !== null) this.#phase = timeSeconds - this.#endS >= coolDown ? 'over' : 'cool-down';
    return labelled;
  }
}
