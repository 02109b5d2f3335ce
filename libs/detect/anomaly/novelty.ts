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

/** Bins of the value, the level, the variability and what the season leaves. */
const BINS = [96, 80, 80, 64] as const;
const COUNTS = BINS[0] + BINS[1] + BINS[2] + BINS[3];
/** Half of the range a histogram begins with, in units of the transformed value: about one spread. */
const FIRST_RANGE = 0.25;

/** Places in the slab of numbers. */
const AT = {
  values: 0,
  level: 1,
  before: 2,
  variability: 3,
  usual: 4,
  mean: 5,
  left: 6,
  whole: 7,
  run: 8,
  heads: 8 + RUN,
} as const;
const NUMBERS = AT.heads + BINS.length * HISTOGRAM;

const PLACES: readonly HistogramPlace[] = BINS.map((bins, index) => ({
  from: BINS.slice(0, index).reduce((sum, b) => sum + b, 0),
  bins,
  at: AT.heads + index * HISTOGRAM,
}));
const VALUE = PLACES[0]!;
const LEVEL = PLACES[1]!;
const VARIABILITY = PLACES[2]!;
const SEASONAL = PLACES[3]!;

/** Keeps a ratio's logarithm finite in a series that has not moved yet. */
const TINY = 1e-9;

/**
 * How surprising the next value of one series is given all before it: the largest of five views, each the −ln of the
 * share of the past that looked like now. Never-seen values, levels, variabilities, departures from the season, and
 * readings that stand still show in one view each. Views are not added: they are far from independent.
 *
 * Nearness to the past as a measure of strangeness is conformal anomaly detection (Laxhammar & Falkman, "Online
 * learning and sequential anomaly detection in trajectories", IEEE TPAMI 36, 2014).
 */
export class Novelty {
  readonly #p: AnomalyParameters;
  readonly #season: Season;
  readonly #counts = new Uint16Array(COUNTS);
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
    for (const place of PLACES) {
      clearHistogram(this.#counts, this.#numbers, place, (2 * FIRST_RANGE) / place.bins);
    }
  }

  /** All that it remembers. */
  get state(): readonly (Float64Array | Float32Array | Uint16Array | Uint8Array)[] {
    return [this.#own, this.#numbers, this.#counts, this.#profile, this.#profileCounts];
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
    const y = this.#inOwnUnit(value);
    const surprise = Math.max(
      still,
      this.#look(VALUE, y),
      this.#look(LEVEL, this.#levelWith(y)),
      this.#look(VARIABILITY, this.#variabilityWith(y)),
      this.#season === 'none' ? 0 : this.#seasonal(timeMs, y),
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

  #inOwnUnit(value: number): number {
    const own = this.#own;
    const distance = value - own[0]!;
    if (distance === 0) return 0;
    // A series that never moved has no unit yet: its first movement becomes it.
    if (own[1]! <= Math.abs(own[0]!) * Number.EPSILON * 8) own[1] = Math.abs(distance);
    return Math.asinh(distance / (this.#p.linearSpreads * own[1]!));
  }

  #look(place: HistogramPlace, value: number): number {
    const at = placeOf(this.#counts, this.#numbers, place, value);
    const { kernelBins, prior } = this.#p;
    const surprise = surpriseAt(this.#counts, this.#numbers, place, at, kernelBins, prior);
    countAt(this.#counts, this.#numbers, place, at);
    return surprise;
  }

  #levelWith(y: number): number {
    const n = this.#numbers;
    const seen = n[AT.values]! - this.#p.warmUp;
    n[AT.level] = n[AT.level]! + (y - n[AT.level]!) / Math.min(seen, this.#p.shortValues);
    return n[AT.level]!;
  }

  /** ln of the short against the long mean of absolute changes. */
  #variabilityWith(y: number): number {
    const n = this.#numbers;
    const seen = n[AT.values]! - this.#p.warmUp;
    const change = seen === 1 ? 0 : Math.abs(y - n[AT.before]!);
    n[AT.before] = y;
    n[AT.usual] = n[AT.usual]! + (change - n[AT.usual]!) / Math.min(seen, this.#p.longValues);
    n[AT.variability] =
      n[AT.variability]! + (change - n[AT.variability]!) / Math.min(seen, this.#p.shortValues);
    const usual = n[AT.usual]! + TINY;
    return Math.log((n[AT.variability]! + this.#p.variabilityFloor * usual) / usual);
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
