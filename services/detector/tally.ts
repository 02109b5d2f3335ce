import type { Counters, Labels } from '#libs/runtime/counters.ts';

/** Counts cheaply while a batch is worked on, and tells the counters once at its end. */
export class Tally {
  readonly #name: string;
  readonly #label: string;
  readonly #counts = new Map<string, number>();

  /** @param label the one label that the counted things differ in */
  constructor(name: string, label: string) {
    this.#name = name;
    this.#label = label;
  }

  add(value: string, amount = 1): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + amount);
  }

  tell(counters: Counters, labels: Labels = {}): void {
    for (const [value, count] of this.#counts) {
      counters.add(this.#name, { ...labels, [this.#label]: value }, count);
    }
    this.#counts.clear();
  }
}
