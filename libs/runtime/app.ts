import type { Counters } from './counters.ts';
import type { Logger } from './logger.ts';

/** A running part of the pipeline. `app.ts` of each service returns one; `main.ts` and `davylamp up` run it. */
export interface App {
  /** Resolves once it works. */
  start(): Promise<void>;
  /** Stops the intake, finishes what is in hand, makes it durable, commits. Ports stay open: who opened them closes them. */
  stop(): Promise<void>;
}

/** What every service is given beside its ports. */
export interface Surroundings {
  readonly counters: Counters;
  readonly log: Logger;
}
