/** Work that falls due at a time: found in the ledger, kept as delayed jobs. */
export interface Duty {
  /** Letters: begins the ids of its jobs. */
  readonly name: string;
  /**
   * The jobs that fall due before `untilMs`, from the ledger alone: what the job store has lost is put back by asking
   * again. Those of the past are named too, until they are done.
   */
  plan(nowMs: number, untilMs: number): Promise<readonly PlannedJob[]>;
  /** Does it, if it is still due; done again it changes nothing. Rejects: it is tried again. */
  run(payload: unknown, nowMs: number): Promise<void>;
}

export interface PlannedJob {
  /** What follows the duty's name in the job's id: letters, digits, `-` and `.`. */
  readonly key: string;
  readonly runAtMs: number;
  /** JSON. */
  readonly payload: unknown;
}
