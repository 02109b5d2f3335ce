/** One configuration for every series: nothing in it is set per file, and no label or later value enters it. */
export interface AnomalyParameters {
  /** Values before anything is said: enough for a first mean and spread, which then stay the unit of the series. */
  readonly warmUp: number;
  /** Spreads beyond which the second scale turns logarithmic (asinh): on it one huge value does not hide the rest. */
  readonly linearSpreads: number;
  /** Values over which the level and the variability are taken: two hours of five-minute data, quieter than noise. */
  readonly shortValues: number;
  /** Values over which the usual variability and how seasonal a series is are learned: nine days of them. */
  readonly longValues: number;
  /** A variability below this share of the usual one is not told apart from it: the quantisation of a sensor. */
  readonly variabilityFloor: number;
  /** Reach of the density in bins: the neighbouring bin counts a little, the next hardly. */
  readonly kernelBins: number;
  /** Values imagined everywhere; it bounds what one never-seen value can say to ln((n + 1) / prior). */
  readonly prior: number;
  /** After this few values the share of the past that looked like now is itself a poor estimate: */
  readonly youngValues: number;
  /** the surprise loses this many times ln(1 + youngValues / n), or the first alert of every series is its youth. */
  readonly youngCost: number;
  /** A series is seasonal where its profile leaves less than this share of its variance. */
  readonly seasonalShare: number;
  /** A part of the season counts half after this many values: one day's worth of five-minute data in an hour. */
  readonly seasonShrink: number;
  /** Values a part of the season remembers, ≤ 255: five days' worth. */
  readonly seasonMemory: number;
  /** A run of equal values is usual up to this many times the longest one seen, */
  readonly runFactor: number;
  /** and this many repeats more: short runs are chance in rounded values. */
  readonly runUsual: number;
  /** Surprise (nats) above which values add up: e⁻⁵, less than one value in a hundred. */
  readonly reference: number;
  /** Share of the excess that is carried over to the values after it: some five such values open an alert. */
  readonly carried: number;
  /** Share of what is carried that each value loses: it lasts about fifty values. */
  readonly carriedLoss: number;
  /** Surprise (nats) at which an alert opens: e⁻⁹ is one value in eight thousand. */
  readonly alertAt: number;
  /** What each recent alert adds to it: the false-alarm budget of a series that surprises often. */
  readonly alertCost: number;
  /** Values over which an alert counts as recent: seventeen days of five-minute data. */
  readonly alertMemory: number;
  /** Values without an alarming one that end an episode: four hours of five-minute data. */
  readonly episodeValues: number;
  /** Values over which the usual value, level and change of a column are learned for its deviation. */
  readonly deviationMemory: number;
  /** Values further out than this many spreads are learned as if they lay there (Huber's bound for a long tail). */
  readonly deviationBound: number;
  /** Values taken as they are before that bound holds. */
  readonly deviationYoung: number;
  /** Values over which the level and the change of a column are smoothed: an incident outlasts its noise. */
  readonly deviationValues: number;
  /** A spread below this share of the range seen is not believed: the resolution of a meter. */
  readonly deviationFloor: number;
  /** Spreads beyond which further away says nothing more. */
  readonly deviationCap: number;
  /** Columns whose deviations are averaged: an incident shows in several, seldom in all. */
  readonly widest: number;
  /** Deviation of all columns together below which nothing alarms: about three spreads in each of the three views. */
  readonly deviationAlarm: number;
  /** Values over which the deviation of all columns together is smoothed. */
  readonly smoothValues: number;
}

export const ANOMALY: AnomalyParameters = {
  warmUp: 50,
  linearSpreads: 3,
  shortValues: 24,
  longValues: 2500,
  variabilityFloor: 0.05,
  kernelBins: 0.3,
  prior: 0.001,
  youngValues: 300,
  youngCost: 3,
  seasonalShare: 0.7,
  seasonShrink: 12,
  seasonMemory: 60,
  runFactor: 1.5,
  runUsual: 5,
  reference: 5,
  carried: 0.04,
  carriedLoss: 0.02,
  alertAt: 9,
  alertCost: 0.4,
  alertMemory: 5000,
  episodeValues: 50,
  deviationMemory: 2500,
  deviationBound: 3,
  deviationYoung: 100,
  deviationValues: 6,
  deviationFloor: 0.01,
  deviationCap: 20,
  widest: 5,
  deviationAlarm: 10,
  smoothValues: 4,
};
