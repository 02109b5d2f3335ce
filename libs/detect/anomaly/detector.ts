import { Deviation } from './deviation.ts';
import { Episodes } from './episodes.ts';
import { Novelty } from './novelty.ts';
import { ANOMALY, type AnomalyParameters } from './parameters.ts';
import type { Season } from './season.ts';

/** A score at or above this opens an alert; below it the score ranks. */
export const ALERT_SCORE = 0.5;
/** No sensor means a number this large, and its square must stay finite. */
const ABSURD = 1e100;

/**
 * The deviation of a series from its own past, for series of any origin: one pass, no look-ahead, bounded state.
 *
 * One column: how surprising each value is. Several: how far they lie from their pasts together, and how surprising
 * that is. The score is 0 … 1: at or above {@link ALERT_SCORE} an alert opens here, once an episode, the more severe
 * the higher; below it, it ranks how unusual the moment is.
 */
export class AnomalyDetector {
  readonly #p: AnomalyParameters;
  readonly #values: Float64Array;
  readonly #novelty: Novelty;
  readonly #episodes: Episodes;
  readonly #deviation: Deviation | null;

  /** @param columns values a row, ≥ 1 */
  constructor(columns: number, season: Season, parameters: AnomalyParameters = ANOMALY) {
    this.#p = parameters;
    this.#values = new Float64Array(columns);
    this.#novelty = new Novelty(parameters, season);
    this.#episodes = new Episodes(parameters);
    this.#deviation = columns > 1 ? new Deviation(parameters, columns) : null;
  }

  /** Bytes that it remembers; objects' own overhead comes on top. */
  get byteLength(): number {
    return this.#state().reduce((sum, array) => sum + array.byteLength, 0);
  }

  /** All that it remembers, to be put back by {@link restore}. Little-endian on every machine Node runs on. */
  save(): Uint8Array {
    const bytes = new Uint8Array(this.byteLength);
    let at = 0;
    for (const part of this.#state()) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  /** @throws RangeError for bytes of another number of columns, or of another season's length */
  restore(bytes: Uint8Array): void {
    if (bytes.length !== this.byteLength) {
      throw new RangeError(`${bytes.length} bytes: expected ${this.byteLength}, as save() gives them`);
    }
    let at = 0;
    for (const part of this.#state()) {
      part.set(bytes.subarray(at, at + part.length));
      at += part.length;
    }
  }

  /**
   * The score of one row, O(columns).
   * @param timeMs event time; used for the season alone
   * @param values one a column; one that is absent, not finite or absurd counts as missing. A row without any value
   *   scores 0 and is not learned.
   */
  step(timeMs: number, values: ArrayLike<number>): number {
    const present = this.#read(values);
    if (present === 0) return 0;
    return this.#deviation
      ? this.#together(timeMs, this.#deviation.step(this.#values))
      : this.#alone(timeMs, this.#values[0]!);
  }

  #alone(timeMs: number, value: number): number {
    const { level, opens } = this.#episodes.step(this.#novelty.step(timeMs, value));
    return opens ? alertScore(level) : below(level);
  }

  #together(timeMs: number, spreads: number): number {
    const surprise = this.#novelty.step(timeMs, Math.log1p(spreads));
    const { level, opens } = this.#episodes.step(spreads < this.#p.deviationAlarm ? 0 : surprise);
    return opens ? alertScore(level) : below(spreads);
  }

  /** How many of the row's values are there. */
  #read(values: ArrayLike<number>): number {
    let present = 0;
    for (let i = 0; i < this.#values.length; i++) {
      const value = values[i] ?? Number.NaN;
      const there = Math.abs(value) < ABSURD;
      this.#values[i] = there ? value : Number.NaN;
      if (there) present++;
    }
    return present;
  }

  #state(): Uint8Array[] {
    return [this.#novelty, this.#episodes, this.#deviation]
      .flatMap((part) => part?.state ?? [])
      .map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
}

function alertScore(level: number): number {
  return 1 - ALERT_SCORE / level;
}

/** 0 … ALERT_SCORE, exclusive. */
function below(level: number): number {
  return (ALERT_SCORE * level) / (1 + level);
}
