import { normalizeIP } from '@fastify/rate-limit';
import { Refusal } from './problem.ts';

const MINUTE_MS = 60_000;
/** Many people may come from one address: over all names it has as many attempts as so many people. */
const PEOPLE_PER_ADDRESS = 10;

/** Bounds wrong passwords a minute: for a name from an address, and from an address over all names. */
export class Attempts {
  readonly #perMinute: number;
  readonly #now: () => number;
  #counts = new Map<string, number>();
  #untilMs = 0;

  /** @param perMinute wrong passwords for a name from an address. */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /**
   * Counts an attempt before its password is looked at, so that those made at once are bounded, too.
   * @param address of IPv6 its /64 counts: that is one customer.
   * @returns takes it back: the password was right.
   * @throws Refusal beyond a bound.
   */
  begin(name: string, address: string): () => void {
    const counts = this.#ofThisMinute();
    const from = normalizeIP(address);
    const person = JSON.stringify([name, from]);
    const of = (key: string) => counts.get(key) ?? 0;
    if (of(person) >= this.#perMinute || of(from) >= this.#perMinute * PEOPLE_PER_ADDRESS) this.#refuse();
    const add = (change: 1 | -1) => {
      for (const key of [person, from]) counts.set(key, of(key) + change);
    };
    add(1);
    return () => add(-1);
  }

  /** All counts begin anew together: names that strangers make up are kept for a minute at most. */
  #ofThisMinute(): Map<string, number> {
    if (this.#now() >= this.#untilMs) {
      this.#counts = new Map();
      this.#untilMs = this.#now() + MINUTE_MS;
    }
    return this.#counts;
  }

  #refuse(): never {
    const seconds = Math.ceil((this.#untilMs - this.#now()) / 1000);
    throw new Refusal(429, `too many wrong passwords: expected the next attempt in ${seconds} s`, seconds);
  }
}
