import type { DetectParameters } from '../parameters.ts';

/** Parts that the parameters are shown in, in this order. */
export const PARTS = {
  evidence: 'Evidence of behaviours',
  declared: 'Declared bounds',
  past: 'Own past and peers',
  power: 'Meters against nodes',
  idle: 'Idle, and sensors that are not believed',
  findings: 'Raising and closing findings',
  silence: 'Silence',
  time: 'Windows and time',
  tiers: 'The rich and the cheap tier',
} as const;
export type Part = keyof typeof PARTS;

/** What a parameter means to somebody who does not read code. */
export interface Meaning {
  readonly part: Part;
  readonly unit: string;
  readonly meaning: string;
  /** Where its value comes from. */
  readonly source: string;
}

type Key = Exclude<keyof DetectParameters, 'version'>;
type Row = readonly [key: Key, unit: string, meaning: string, source?: string];

/** Chosen by hand, to be replaced by a value that was calibrated on labelled traces. */
export const STARTING = 'starting value';
const SIMULATED = 'set on simulated runs that were not fitted to (`davylamp evaluate`)';
const SIMULATED_DAYS = 'set on simulated days that were not fitted to (shares/README.md)';
const J1 = 'DOMAIN.md §11, journey J1';

const EVIDENCE: readonly Row[] = [
  ['termCap', 'nats', 'No feature speaks louder for or against a family, before the discount.'],
  [
    'termDiscount',
    'factor',
    'What each feature says is taken down by this, because features of one window are correlated.',
  ],
  [
    'lookAlikeCeiling',
    'probability',
    'At most this is told for AI where tensor work is mostly on integers: matmul proof-of-work looks alike. The rest is told as unknown.',
    SIMULATED,
  ],
  ['hostClearRatio', 'factor', 'A host alone conforms only where B4 to B10 became so much less likely.'],
  ['unknownPrior', 'probability', 'Before looking: that nobody has described such work.', SIMULATED],
  ['rarePrior', 'probability', 'Before looking: that nobody declares it as ordinary compute (B4 to B10).'],
  [
    'flagLogOdds',
    'nats',
    'From these log odds of such a behaviour against all else a window is flagged.',
    SIMULATED,
  ],
  [
    'falseAlarmBudget',
    'alerts per 1,000 nodes and week',
    'So many false alerts may evidence of behaviours cost; a setting, which sets the thresholds of the sequential test. Every finding that rests on it quotes the one in force.',
    'chosen; thresholds by `node services/detector-budget.ts`',
  ],
  [
    'conformProbability',
    'probability',
    'From this probability of the declared behaviours a node without declared bounds conforms.',
  ],
  ['weightCap', 'nats', 'No ground of another rule weighs more.'],
  [
    'sharesRunWindows',
    'windows',
    'Count as one in the mix of the last 24 hours: those of a run look alike.',
    SIMULATED_DAYS,
  ],
  [
    'sharesDoubt',
    'probability',
    'A window is surely what is likelier than 1 less this, and possibly what is likelier than this.',
    SIMULATED_DAYS,
  ],
  ['sharesWindows', 'windows', 'With fewer of the last 24 hours no shares are told.'],
  [
    'sharesFloorRatio',
    'share of the time',
    'From this lower bound a behaviour that nobody declares is told as a ground, for information.',
  ],
];

const DECLARED: readonly Row[] = [
  [
    'envelopeMarginRatio',
    'share of the bound',
    'A declared bound is crossed where the mean is outside by more than this, or than the smallest spread below.',
  ],
  [
    'minCoverageRatio',
    'share of frames',
    'With fewer of a window’s frames the bounds are not judged, nor the evidence of behaviours.',
  ],
];

const PAST: readonly Row[] = [
  ['referenceWindows', 'windows', 'Make the reference of a node’s own past, which is then frozen.'],
  ['youngWindows', 'windows', 'Make the provisional reference before that.'],
  ['ownPastZ', 'robust z', 'From this distance a window is unlike the node’s own past.'],
  ['peersZ', 'robust z', 'From this distance a window is unlike the peers.'],
  [
    'minPeers',
    'nodes',
    'Peers with the same declaration and hardware that are needed beside the node itself.',
  ],
  ['peersDelayMs', 'ms', 'Peers are compared so long after a window’s end.'],
  ['sameJobWindows', 'windows', 'Of a job, a node is compared with the others after so long in it.'],
  [
    'peersMinorityRatio',
    'share of the job',
    'On declared nodes being unlike the others of the same job counts where no more of them are.',
  ],
  [
    'peersLessWindows',
    'windows',
    'After so many, on balance, doing less of everything than the others of a job is no pause any more.',
  ],
  ['spreadRatio', 'share of the level', 'A spread below this share of the level is not believed.'],
  ['spreadOfRatios', 'ratio', 'A spread of a ratio below this is not believed.'],
  ['spreadOfWatts', 'W', 'A spread of power below this is not believed, but for that of a CPU.'],
  [
    'spreadOfCpuWatts',
    'W',
    'A spread of a CPU’s power below this is not believed: its meter is finer.',
    'RAPL’s resolution; recorded laptops',
  ],
  ['spreadOfRates', 'By/s', 'A spread of traffic below this is not believed.'],
  [
    'spreadRatioOfRates',
    'share of the level',
    'The share for traffic, whose minutes differ by tens of percent in honest work.',
  ],
  ['spreadOfOthers', 'the metric’s', 'A spread of any other metric below this is not believed.'],
  [
    'seasonDays',
    'days',
    'The node’s own hours of the week (UTC) are learnt from so many, and then frozen.',
    'DESIGN.md, Baselines',
  ],
  ['seasonHourWindows', 'windows', 'An hour with fewer teaches nothing.'],
  ['seasonYoungSpreads', 'spreads', 'As one counts while the hours are still learnt.'],
  ['driftSlack', 'spreads', 'A day’s mean distance from the frozen hours that is no drift.'],
  ['driftThreshold', 'spreads', 'Drift counts from this sum over days.'],
  ['driftDayCap', 'spreads', 'No day adds more than this, less the slack.'],
  ['changeYoungFrames', 'frames', 'Come before a change within seconds is looked for.'],
  ['changeFrameWeight', 'share', 'Of one frame in the level that the next are compared with.'],
  ['changeSlack', 'spreads', 'A frame’s distance from the level that is no change.'],
  [
    'changeThreshold',
    'spreads',
    'A change counts from this sum over frames.',
    'Page’s test: normal noise passes it once in 314 h for each metric and side',
  ],
  ['onsetConfidence', 'probability', 'Confidence of the interval in which a change began.', 'convention'],
  ['onsetLikelihoodRatio', '2 × log-likelihood ratio', 'From this a change point counts.'],
];

const TOLERANCE = 'DOMAIN.md §9, starting value';
const POWER: readonly Row[] = [
  ['energyToleranceWatts', 'W', 'A meter and a node may differ by this, or by the ratio below.', TOLERANCE],
  ['energyToleranceRatio', 'share of the meter', 'The larger of the two is allowed.', TOLERANCE],
  ['energyMinutes', 'minutes', 'Their means over so long are compared.', TOLERANCE],
  [
    'energyErrors',
    'standard errors',
    'So many of the readings’ mean are allowed beside: a meter may show an instant of a load that swings.',
  ],
  [
    'energyHighTolerances',
    'tolerances',
    'Beyond so many from what they differed by when first compared, severity is high.',
  ],
  ['hostCpuWatts', 'W', 'Allowed for a CPU whose power is not measured.'],
  ['hostBaseWatts', 'W', 'Allowed for the rest of a machine whose power is not measured.'],
  [
    'hostWattsPerGpu',
    'W',
    'Allowed for fans, switches and adapters by GPU.',
    'a DGX H100’s 10.2 kW at most (data sheet), starting value',
  ],
  [
    'supplyFactor',
    'factor',
    'Allowed for the loss of power supplies.',
    '80 PLUS Gold at low load, starting value',
  ],
];

const IDLE: readonly Row[] = [
  ['idleCpuRatio', 'ratio', 'A CPU is idle below this utilisation.'],
  [
    'idleGpuRatio',
    'ratio',
    'A GPU is idle below this utilisation and activity, where nothing else speaks against it.',
  ],
  ['idleGpuWatts', 'W', 'A GPU that draws as much is not idle.'],
  ['idleConfidence', 'probability', 'Given to `B0` where all of these hold; it is not calibrated.'],
  ['busyCpuRatio', 'ratio', 'From this utilisation of the CPU, idle GPUs say nothing about the node.'],
  [
    'warmGpuCelsius',
    '°C',
    'A GPU without readable power is not idle where it is as warm, with memory in use as below.',
  ],
  [
    'warmGpuMemoryRatio',
    'ratio',
    'A GPU without readable power is not idle where it has as much memory in use, and is as warm as above.',
  ],
  ['emptyGpuMemoryRatio', 'ratio', 'Below this memory in use nothing is loaded.'],
  [
    'unstableRatio',
    'ratio',
    'From this standard deviation, utilisation that nothing confirms is not believed.',
  ],
  ['stuckSamples', 'samples', 'After so many equal samples between idle and full, a sensor may be stuck.'],
];

const FINDINGS: readonly Row[] = [
  ['warmUpWindows', 'windows', 'A node’s first windows raise no finding.'],
  [
    'openWindows',
    'windows',
    'A deviation opens when the newest window deviates, and so many of the last few did.',
  ],
  ['openOfWindows', 'windows', 'The last few: windows of which `openWindows` must deviate.'],
  ['closeWindows', 'windows', 'It closes after so many in a row without.'],
  ['mediumGrounds', 'grounds', 'From so many independent grounds its severity is medium.'],
  ['highGrounds', 'grounds', 'From so many independent grounds its severity is high.'],
  [
    'unexplainedWindows',
    'windows',
    'After so many, on balance, what fits nothing declared is told for information.',
  ],
  ['lapsePenalty', 'windows', 'Taken from such a balance by each window that is otherwise.'],
  ['unexplainedProbability', 'probability', 'Below this, what is declared is improbable in a window.'],
];

const SILENCE: readonly Row[] = [
  ['missedTicks', 'ticks', 'Without a frame for so long a node has missed reports.', J1],
  ['blindTicks', 'ticks', 'Without one for so long it is blind.', J1],
  ['silentTicks', 'ticks', 'A silent node is assessed once in so long, in its first hour.'],
  ['silentHourTicks', 'ticks', 'A silent node is assessed once in so long, after its first hour.'],
  ['readingsWaitTicks', 'ticks', 'A blind finding waits so long for the meters’ readings of the same time.'],
  ['laggingTicks', 'ticks', 'Readings that are so far behind are not waited for.'],
  [
    'loadShareRatio',
    'share',
    'A meter shows load on a blind node from this share of the power that the node last reported.',
  ],
  ['loadWatts', 'W', 'A meter shows load on a blind node that never reported its power from here.'],
  [
    'standbyWatts',
    'W',
    'A meter shows no load below this, whatever the node drew before: a machine in standby.',
  ],
];

const TIME: readonly Row[] = [
  ['graceMs', 'ms', 'Frames are waited for so long after a window’s end.'],
  ['closeTicks', 'ticks', 'An ended window is assessed after so long without a newer frame.'],
  ['clockAheadMs', 'ms', 'A device’s clock that is further ahead of the time of receipt is a contradiction.'],
  ['clockBehindMs', 'ms', 'Frames that arrive later than so long after their end are late.'],
  ['clockBehindMinutes', 'minutes', 'A clock is behind whose frames are late for so many minutes on end.'],
  [
    'clockCatchUpRatio',
    'share of time',
    'Unless their lag shrinks by more: then what had waited is being sent.',
  ],
  ['clockMediumMinutes', 'minutes', 'A clock that is wrong for so long is of medium severity.'],
];

const TIERS: readonly Row[] = [
  ['turnWindows', 'windows', 'A turn in the rich tier is so long.'],
  ['turnRatio', 'share of hours', 'In which a turn of a node begins, drawn for each by a keyed hash.'],
  ['watchedWindows', 'windows', 'A node that begins to be odd is in the rich tier for so long.'],
  ['guestRatio', 'share', 'Of the entities that are rich for good, as many more may be rich for a while.'],
];

const ROWS: Readonly<Record<Part, readonly Row[]>> = {
  evidence: EVIDENCE,
  declared: DECLARED,
  past: PAST,
  power: POWER,
  idle: IDLE,
  findings: FINDINGS,
  silence: SILENCE,
  time: TIME,
  tiers: TIERS,
};

/** Every parameter but the version, by its key; a test checks that none is left out. */
export const PARAMETER_MEANINGS: ReadonlyMap<Key, Meaning> = new Map(
  (Object.entries(ROWS) as [Part, readonly Row[]][]).flatMap(([part, rows]) =>
    rows.map(([key, unit, meaning, source = STARTING]) => [key, { part, unit, meaning, source }] as const),
  ),
);
