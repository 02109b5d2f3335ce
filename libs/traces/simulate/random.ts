/** Seeded randomness: the same seed gives the same numbers on every machine. */
export class Random {
  #state: number;

  /** @param seed any whole number; 32 bits of it count */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1): mulberry32 (Tommy Ettinger, public domain). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Mean 0, variance 1, within ±6: the sum of twelve uniforms (Irwin–Hall), whose bounds suit bounded machines. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.uniform();
    return sum;
  }

  /** Waiting time to the next event of a Poisson process, in units of its mean. */
  exponential(): number {
    return -Math.log(1 - this.uniform());
  }

  /** Another stream, independent of what is drawn from this one later. */
  fork(): Random {
    return new Random(Math.floor(this.uniform() * 4_294_967_296));
  }
}

/**
 * A value that wanders around 0 with memory, an AR(1) process.
 * @param sd its standard deviation in the long run
 * @param memory correlation of one second with the next, 0 to below 1
 */
export function wander(random: Random, sd: number, memory: number): () => number {
  const step = sd * Math.sqrt(1 - memory * memory);
  let value = sd * random.normal();
  return () => {
    value = memory * value + step * random.normal();
    return value;
  };
}
