/**
 * Every number a verdict depends on, in one versioned object: its hash is part of each revision.
 * "Starting value": chosen by hand, to be replaced by one calibrated on labelled traces.
 */
export const PARAMETERS = {
  /** Raised whenever a number below changes. */
  version: 4,

  /** ms of event time after a window's end in which its frames are waited for. Starting value. */
  graceMs: 5_000,
  /** Ticks without a newer frame after which an ended window is assessed. Starting value. */
  closeTicks: 2,
  /** Ticks since the last frame: missed. DOMAIN.md §11, J1 step 3 (by two minutes). */
  missedTicks: 9,
  /** Ticks since the last frame: blind. DOMAIN.md §11, J1 step 3 (a finding by five minutes). */
  blindTicks: 24,
  /** A silent node is assessed every so many ticks in its first hour, then once an hour. Starting values. */
  silentTicks: 6,
  silentHourTicks: 360,
  /** ms that device time may be ahead of receive time. Starting value. */
  clockAheadMs: 60_000,
  /** ms that frames may be received after their end, in the best of each minute, … Starting value. */
  clockBehindMs: 60_000,
  /** … and for so many minutes on end, before the clock counts as behind. Starting value. */
  clockBehindMinutes: 10,
  /** Unless the lag shrinks by more than this share of the time: then a spool is being emptied. Starting value. */
  clockCatchUpRatio: 0.1,
  /** Minutes after which a clock that is still wrong is of medium severity. Starting value. */
  clockMediumMinutes: 60,
  /** Share of a window's frames below which the envelope is not judged. Starting value. */
  minCoverageRatio: 0.5,

  /** Windows that make the frozen reference of a node's own past. Starting value. */
  referenceWindows: 30,
  /** Windows that make the provisional reference before that. Starting value. */
  youngWindows: 3,
  /** Robust z at which a window is unlike the node's own past. Starting value. */
  ownPastZ: 6,
  /** Robust z at which a window is unlike the peers. Starting value. */
  peersZ: 6,
  /** Peers needed beside the node itself. DESIGN.md, Baselines; starting value. */
  minPeers: 4,
  /** A spread below this share of the level is not believed. Starting value. */
  spreadRatio: 0.05,
  /** … nor below these, in the metric's unit: `1`, `W`, `By/s`, others. Starting values. */
  spreadOfRatios: 0.02,
  spreadOfWatts: 10,
  /** RAPL resolves milliwatts, and a laptop's CPU idles at 3 W: the browser miners of the recorded traces add 5 W. */
  spreadOfCpuWatts: 0.5,
  spreadOfRates: 50_000,
  /**
   * The share for rates of traffic. What a link carries is a product (steps × bytes, requests × answers), so that its
   * minutes differ by tens of percent in honest work, at 1 MB/s as at 100 GB/s. Starting value.
   */
  spreadRatioOfRates: 0.15,
  spreadOfOthers: 1,

  /** Days from which the hours of the week are learnt, then frozen. DESIGN.md, Baselines. */
  seasonDays: 28,
  /** Windows of an hour without which it teaches nothing. Starting value. */
  seasonHourWindows: 15,
  /** While it is learnt, an hour's spread counts this many times, and a distance from it weighs as much less. Starting value. */
  seasonYoungSpreads: 2,
  /**
   * Drift from the frozen hours, by a day's mean distance in spreads: half the shift that is to be found soonest, the
   * sum that counts, and the distance beyond which a day counts no more. Page's test; starting values.
   */
  driftSlack: 0.5,
  driftThreshold: 5,
  driftDayCap: 3,

  /** Frames before a change from one frame to the next is looked for, and the weight of a frame in the level it is compared with. Starting values. */
  changeYoungFrames: 12,
  changeFrameWeight: 1 / 30,
  /**
   * Page's test over frames, in spreads: normal noise passes it once in 314 h (Siegmund 1985, eq. 2.56) for each
   * metric and side, a shift of 6 spreads within one frame, of 2 within five. Set by that, on no trace.
   */
  changeSlack: 1,
  changeThreshold: 5,

  /** A declared bound is crossed when the mean is outside by this share of it, or by the spread above. Starting value. */
  envelopeMarginRatio: 0.05,
  /** Confidence of the onset's interval. */
  onsetConfidence: 0.95,
  /** 2 × log-likelihood ratio at which a change counts. Starting value. */
  onsetLikelihoodRatio: 16,

  /** Means below which CPU and GPU count as idle, and the power of an idle GPU. Starting values. */
  idleCpuRatio: 0.05,
  idleGpuRatio: 0.02,
  idleGpuWatts: 150,
  /** Probability given to B0 when all of these hold. Starting value: not calibrated. */
  idleConfidence: 0.95,

  /**
   * False alerts per 1,000 nodes and week that evidence of behaviours may cost: a setting of the detector. It sets the
   * thresholds of the sequential test, by `sequential/calibration.json`.
   */
  falseAlarmBudget: 1,
  /** Evidence of behaviours: no feature speaks louder, in nats, before the discount for correlated features. Starting values. */
  termCap: 4,
  termDiscount: 0.6,
  /**
   * Probabilities before looking: of work that nobody has described, and of a behaviour that nobody declares. The
   * first is set so that a behaviour left out of the fit comes back unknown or cannot tell, with traffic and without,
   * and hardly ever as AI with confidence (`davylamp evaluate`).
   */
  unknownPrior: 0.35,
  rarePrior: 0.05,
  /**
   * No more is told for AI of integer tensor work, which proof-of-work by matrix multiplication does alike; the rest is
   * told as unknown. DOMAIN.md §8.1; the number keeps such work that was never described from passing as AI.
   */
  lookAlikeCeiling: 0.6,
  /** A host is clean only where its counters make such a behaviour less likely than before by this factor. Starting value. */
  hostClearRatio: 0.5,
  /**
   * Log odds of such a behaviour against all else at which a window is flagged: it is likelier than all else together.
   * Of a thousand simulated windows of ordinary compute that were not fitted to, at most one is (`davylamp evaluate`).
   */
  flagLogOdds: 0,
  /** Probability of declared behaviours from which a node without a declared envelope conforms. Starting value. */
  conformProbability: 0.8,
  /** CPU utilisation from which idle GPUs say nothing about the node. Starting value. */
  busyCpuRatio: 0.1,

  /** A GPU without readable power that is this warm with this much memory in use is not idle. Starting values. */
  warmGpuCelsius: 45,
  warmGpuMemoryRatio: 0.3,
  /** Memory in use below which nothing is loaded. Starting value. */
  emptyGpuMemoryRatio: 0.05,
  /** Standard deviation from which utilisation alone is not believed, and samples after which equal ones are. Starting values. */
  unstableRatio: 0.35,
  stuckSamples: 20,

  /** No single ground weighs more, in nats. Starting value. */
  weightCap: 3,

  /** A node's first windows raise no finding. Starting value. */
  warmUpWindows: 3,
  /** A deviation opens when it holds in k of the last n windows, and closes after so many without. Starting values. */
  openWindows: 3,
  openOfWindows: 4,
  closeWindows: 5,
  /** Grounds from which a deviation is of medium, and of high severity. Starting values. */
  mediumGrounds: 2,
  highGrounds: 4,

  /** A meter shows load on a blind node from this share of the node's last power in band, or from these watts. Starting values. */
  loadShareRatio: 0.5,
  loadWatts: 300,
  /** Below these a meter shows no load, whatever the node drew before: a machine in standby. Starting value. */
  standbyWatts: 50,
  /** Ticks that a blind finding waits for the readings of the same time; a partition this far behind holds nobody up. */
  readingsWaitTicks: 3,
  laggingTicks: 12,
  /** ms of event time after a window's end at which peers are compared. Starting value. */
  peersDelayMs: 30_000,

  /**
   * Peers on declared nodes: windows in a job before a node is compared within it, the share of a job's nodes up to
   * which standing out counts, and windows on balance after which doing less of everything does. Starting values.
   */
  sameJobWindows: 10,
  peersMinorityRatio: 0.25,
  peersLessWindows: 60,
  /** What a window that is otherwise takes off such a balance: it grows where more than four of five are. Starting value. */
  lapsePenalty: 4,

  /** A meter contradicts a node beyond the larger of these, over so many minutes: DOMAIN.md §9, starting values. */
  energyToleranceWatts: 150,
  energyToleranceRatio: 0.1,
  energyMinutes: 15,
  /** … whatever so many standard errors of the readings' mean hide. Starting value. */
  energyErrors: 3,
  /** Tolerances beyond what they differed by at first from which it is of high severity. Starting value. */
  energyHighTolerances: 3,
  /**
   * What a host may draw that is not measured, W: its CPUs, the rest of it, and that by GPU. Loss of a supply at low
   * load: 80 PLUS Gold. Starting values, above a DGX H100's 10.2 kW (its data sheet) less 8 × 700 W and its CPUs.
   */
  hostCpuWatts: 500,
  hostBaseWatts: 150,
  hostWattsPerGpu: 200,
  supplyFactor: 1.15,

  /**
   * Windows on balance after which what fits nothing declared is told for information, and the probability below
   * which what is declared is improbable. Starting values.
   */
  unexplainedWindows: 180,
  unexplainedProbability: 0.1,

  /**
   * Tiers, where not all nodes are rich: how long a turn in the rich tier is, windows; in which share of its hours a node
   * has one; how long a node is watched that begins to be odd, windows; and the share of entities, beyond those that
   * are rich for good, that may be so for a while. Starting values: a turn makes a reference with windows to spare.
   */
  turnWindows: 60,
  turnRatio: 1 / 24,
  watchedWindows: 240,
  guestRatio: 0.5,

  /**
   * Shares of behaviours over 24 hours: windows that count as one, because those of a run look alike, the probability
   * below which a window is possibly not, and the windows below which nothing is told. Set on simulated days that were
   * not fitted to (shares/README.md); the last is a starting value.
   */
  sharesRunWindows: 10,
  sharesDoubt: 0.05,
  sharesWindows: 180,
  /** Lower bound of a share of what nobody declares from which it is told as a ground. Starting value. */
  sharesFloorRatio: 0.05,
};

export type DetectParameters = Readonly<typeof PARAMETERS>;

export const DETECTOR = `evidence/${PARAMETERS.version}`;

/** Injected, because this folder is pure: SHA-256 of the bytes or UTF-8 text, lower-case hex. */
export type Hash = (data: Uint8Array | string) => string;
