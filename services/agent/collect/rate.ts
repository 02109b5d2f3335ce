/** Turns a growing total into a rate. */
export class Rate {
  #total = Number.NaN;
  #atSeconds = Number.NaN;

  /** Growth a second since the last call; NaN at first, and when the total shrank (reset, device gone). */
  per(total: number, atSeconds: number): number {
    const growth = total - this.#total;
    const seconds = atSeconds - this.#atSeconds;
    this.#total = total;
    this.#atSeconds = atSeconds;
    return growth >= 0 && seconds > 0 ? growth / seconds : Number.NaN;
  }
}
