import { expectedAt, learnAt } from '#libs/stats/cyclic-profile.ts';
import { RUN, runSurprise } from '#libs/stats/runs.ts';
import {
  clearHistogram,
  countAt,
  HISTOGRAM,
  type HistogramPlace,
  placeOf,
  surpriseAt,
} from '#libs/stats/value-histogram.ts';
import type { AnomalyParameters } from './parameters.ts';
import { otherKindOfDay, PARTS, partOf, type Season } from './season.ts';

/** Views kept as histograms, and the bins of each. */
const VIEWS = 6;
const BINS = 96;
/** Half of the range a histogram begins with, in spreads: less than any series spans. */
const FIRST_RANGE = 0.25;
/** Largest number of spreads told apart: its double is still finite in 32 bits. */
const FURTHEST = 1e30;
/** Any word but 0; the same for every series, so that equal series score alike. */
const SEED = 0x9e37_79b9;

/** Places in the slab of numbers. */
const AT = {
  values: 0,
  level: 1,
  before: 2,
  beforeLog: 3,
  change: 4,
  changeLog: 5,
  usual: 6,
  mean: 7,
  left: 8,
  whole: 9,
  run: 10,
  heads: 10 + RUN,
} as const;
const NUMBERS = AT.heads + VIEWS * HISTOGRAM;

const place = (view: number): HistogramPlace => ({
  from: view * BINS,
  bins: BINS,
  at: AT.heads + view * HISTOGRAM,
});
const VALUE = place(0);
const VALUE_LOG = place(1);
const LEVEL = place(2);
const CHANGE = place(3);
const VARIABILITY = place(4);
const SEASONAL = place(5);

/** Keeps a ratio's logarithm finite in a series that has not moved yet. */
const TINY = 1e-9;

/**
 * How surprising the next value of one series is given all before it: the largest of five views, each the −ln of the
 * share of the past that looked like now. Never-seen values, levels, variabilities, departures from the season, and
 * readings that stand still show in one view each. Views are not added: they are far from independent. Values and
 * variabilities are looked at on a linear and on a logarithmic scale, and the two averaged: what is unusual on one of
 * them alone is a matter of units.
 *
 * Nearness to the past as a measure of strangeness is conformal anomaly detection (Laxhammar & Falkman, "Online
 * learning and sequential anomaly detection in trajectories", IEEE TPAMI 36, 2014).
 */
export class Novelty {
  readonly #p: AnomalyParameters;
  readonly #season: Season;
  readonly #registers = new Uint8Array(VIEWS * BINS);
  readonly #chances = Uint32Array.of(SEED);
  readonly #numbers = new Float32Array(NUMBERS);
  readonly #profile: Float32Array;
  readonly #profileCounts: Uint8Array;
  /** Location, spread and latest value in the series' own unit. */
  readonly #own = new Float64Array(3);

  constructor(parameters: AnomalyParameters, season: Season) {
    this.#p = parameters;
    this.#season = season;
    this.#profile = new Float32Array(season === 'none' ? 0 : PARTS);
    this.#profileCounts = new Uint8Array(season === 'none' ? 0 : PARTS);
    this.#own[2] = Number.NaN;
    for (const view of [VALUE, VALUE_LOG, LEVEL, CHANGE, VARIABILITY, SEASONAL]) {
      clearHistogram(this.#registers, this.#numbers, view, (2 * FIRST_RANGE) / BINS);
    }
  }

  /** All that it remembers. */
  get state(): readonly (Float64Array | Float32Array | Uint32Array | Uint8Array)[] {
    return [this.#own, this.#numbers, this.#chances, this.#registers, this.#profile, this.#profileCounts];
  }

  /** @param value finite @returns nats, ≥ 0; 0 while it warms up */
  step(timeMs: number, value: number): number {
    const n = this.#numbers;
    const repeated = value === this.#own[2];
    this.#own[2] = value;
    n[AT.values] = n[AT.values]! + 1;
    const still = runSurprise(n, AT.run, repeated, this.#p.runFactor, this.#p.runUsual);
    if (n[AT.values]! <= this.#p.warmUp) {
      this.#meet(value);
      return 0;
    }
    const spreads = this.#inSpreads(value);
    const log = Math.asinh(spreads / this.#p.linearSpreads);
    const surprise = Math.max(
      still,
      (this.#look(VALUE, spreads) + this.#look(VALUE_LOG, log)) / 2,
      this.#look(LEVEL, this.#levelWith(log)),
      this.#variability(spreads, log),
      this.#season === 'none' ? 0 : this.#seasonal(timeMs, log),
    );
    const youth = this.#p.youngCost * Math.log1p(this.#p.youngValues / n[AT.values]!);
    return Math.max(0, surprise - youth);
  }

  /** Mean and sum of squares of the first values (Welford). */
  #meet(value: number): void {
    const own = this.#own;
    const delta = value - own[0]!;
    own[0] = own[0]! + delta / this.#numbers[AT.values]!;
    own[1] = own[1]! + delta * (value - own[0]!);
    if (this.#numbers[AT.values]! === this.#p.warmUp) own[1] = Math.sqrt(own[1]! / this.#p.warmUp);
  }

  /** Spreads from the location. */
  #inSpreads(value: number): number {
    const own = this.#own;
    const distance = value - own[0]!;
    if (distance === 0) return 0;
    // A series that never moved has no unit yet: its first movement becomes it.
    if (own[1]! <= Math.abs(own[0]!) * Number.EPSILON * 8) own[1] = Math.abs(distance);
    return Math.max(-FURTHEST, Math.min(FURTHEST, distance / own[1]!));
  }

  #look(view: HistogramPlace, value: number): number {
    const at = placeOf(this.#registers, this.#numbers, view, value);
    const { kernelBins, prior } = this.#p;
    const surprise = surpriseAt(this.#registers, this.#numbers, view, at, kernelBins, prior);
    countAt(this.#registers, this.#numbers, view, at, this.#chances);
    return surprise;
  }

  #levelWith(y: number): number {
    const n = this.#numbers;
    const seen = n[AT.values]! - this.#p.warmUp;
    n[AT.level] = n[AT.level]! + (y - n[AT.level]!) / Math.min(seen, this.#p.shortValues);
    return n[AT.level]!;
  }

  /** Surprise of the short mean of absolute changes, and of its logarithm relative to the usual one. */
  #variability(spreads: number, log: number): number {
    const n = this.#numbers;
    const seen = n[AT.values]! - this.#p.warmUp;
    const change = seen === 1 ? 0 : Math.abs(spreads - n[AT.before]!);
    const changeLog = seen === 1 ? 0 : Math.abs(log - n[AT.beforeLog]!);
    n[AT.before] = spreads;
    n[AT.beforeLog] = log;
    const short = Math.min(seen, this.#p.shortValues);
    n[AT.change] = n[AT.change]! + (change - n[AT.change]!) / short;
    n[AT.changeLog] = n[AT.changeLog]! + (changeLog - n[AT.changeLog]!) / short;
    n[AT.usual] = n[AT.usual]! + (changeLog - n[AT.usual]!) / Math.min(seen, this.#p.longValues);
    const usual = n[AT.usual]! + TINY;
    const relative = Math.log((n[AT.changeLog]! + this.#p.variabilityFloor * usual) / usual);
    return (this.#look(CHANGE, n[AT.change]!) + this.#look(VARIABILITY, relative)) / 2;
  }

  /** Surprise of what the season leaves; 0 where the season explains too little. */
  #seasonal(timeMs: number, y: number): number {
    const n = this.#numbers;
    const { seasonShrink, seasonMemory, seasonalShare } = this.#p;
    const part = partOf(this.#season, timeMs);
    const other = expectedAt(this.#profile, this.#profileCounts, otherKindOfDay(part), seasonShrink, 0);
    const expected = expectedAt(this.#profile, this.#profileCounts, part, seasonShrink, other);
    const whole = y - n[AT.mean]!;
    const left = whole - expected;
    const weight = 1 / Math.min(n[AT.values]! - this.#p.warmUp, 2 * this.#p.longValues);
    n[AT.left] = n[AT.left]! + weight * (left * left - n[AT.left]!);
    n[AT.whole] = n[AT.whole]! + weight * (whole * whole - n[AT.whole]!);
    n[AT.mean] = n[AT.mean]! + weight * whole;
    learnAt(this.#profile, this.#profileCounts, part, whole, seasonMemory);
    const surprise = this.#look(SEASONAL, left);
    return n[AT.left]! < seasonalShare * n[AT.whole]! ? surprise : 0;
  }
}
