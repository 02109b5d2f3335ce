import type { AnomalyParameters } from './parameters.ts';

/** Carried surprise, recent alerts, values since the latest alarming one. */
const NUMBERS = 3;

/** What one value means for the episode: how far above the alert's threshold, and whether an alert opens. */
export interface Standing {
  /** Surprise with what earlier values carried over, in units of the threshold at the moment; ≥ 0. */
  readonly level: number;
  readonly opens: boolean;
}

/**
 * Turns surprise into episodes with one alert each: an episode lasts until enough values in a row were not alarming.
 *
 * Surprise above a reference adds up with a leak, so that many half-surprising values weigh as much as one that was
 * never seen (Page, "Continuous inspection schemes", Biometrika 41, 1954, with the leak of Roberts' EWMA chart,
 * Technometrics 1, 1959). Each recent alert raises the threshold: a series that surprises often has less to say, and
 * its false alarms stay bounded (the alpha-wealth of Foster & Stine, JRSS B 70, 2008, spent and slowly regained).
 */
export class Episodes {
  readonly #p: AnomalyParameters;
  readonly #numbers = new Float32Array(NUMBERS);

  constructor(parameters: AnomalyParameters) {
    this.#p = parameters;
    this.#numbers[2] = parameters.episodeValues;
  }

  /** All that it remembers. */
  get state(): readonly Float32Array[] {
    return [this.#numbers];
  }

  /** @param surprise nats, ≥ 0 */
  step(surprise: number): Standing {
    const { reference, carried, carriedLoss, alertAt, alertCost, alertMemory, episodeValues } = this.#p;
    const n = this.#numbers;
    n[0] = n[0]! * (1 - carriedLoss);
    const total = surprise + n[0]!;
    n[0] = n[0]! + carried * Math.max(0, surprise - reference);
    n[1] = n[1]! * (1 - 1 / alertMemory);
    n[2] = Math.min(episodeValues, n[2]! + 1);
    const threshold = alertAt + alertCost * n[1]!;
    const alarming = total >= threshold;
    const opens = alarming && n[2]! >= episodeValues;
    if (opens) n[1] = n[1]! + 1;
    if (alarming) n[2] = 0;
    return { level: total / threshold, opens };
  }
}
