import { DEFAULT_INTERVAL_MS, SUMMARY_MS } from '#libs/model/frame.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import type { DetectParameters } from '../parameters.ts';
import { SHIPPED_BUDGETS, thresholdsFor } from '../sequential/calibration.ts';
import { EVIDENCE_CAP, MEMORIES } from '../sequential/statistic.ts';
import { separationAnswer } from './separation.ts';

/** A part of the explanation in plain words; what stands between backticks is to be read as it is. */
export interface Chapter {
  readonly title: string;
  readonly paragraphs: readonly string[];
}

/** A question, and whether telemetry can answer it. */
export type Limit = readonly [question: string, answer: string];

const seconds = (ms: number) => `${ms / 1000} s`;
const ticks = (count: number) => seconds(count * TICK_MS);

/** How a verdict comes about, for somebody whom it concerns. */
export function chapters(p: DetectParameters): readonly Chapter[] {
  return [
    {
      title: 'Window, assessment, finding',
      paragraphs: [
        `Every ${seconds(DEFAULT_INTERVAL_MS)} a node reports what its counters show: a frame. A window is the frames of ${seconds(SUMMARY_MS)}. Content is never read: no arguments of processes, no files, no payload.`,
        'An assessment is what one window of one node says: how likely each behaviour is, whether it fits the declaration in force, how far the data can be trusted, what speaks for it, what against it, and what it cannot see. It is kept as it was and never changed afterwards.',
        'A finding is something that a person should look at, because windows keep saying it. It is no decision and has no consequence by itself: people decide, by name, and nothing here cuts anybody off.',
      ],
    },
    {
      title: 'How evidence adds up',
      paragraphs: [
        'A feature is a number computed from a window of one GPU, such as tensor activity per SM activity, or of what its host moves over networks and disks (level N): sizes and rhythm, no address, port or payload. Traffic is the node’s and counts once, and for no GPU where they do different work; silence proves nothing, because much honest work needs none, and traffic can be made up. The range of a feature is cut into bins. For every family of workloads it was counted how often its windows fall into each bin: `evidence/model.json` holds the counts, the console’s page `How it decides` draws them.',
        `What a feature says for a family is the logarithm (in nats) of how often the family looks so against an even spread over the bins, at most ${p.termCap} either way, times ${p.termDiscount} because features of one window are correlated. These terms add up. A feature whose sensor is missing adds nothing: a node with fewer sensors gets a weaker answer, not another one.`,
        `Before looking, a behaviour that nobody declares as ordinary compute (B4 to B10) has the probability ${p.rarePrior}, and work that nobody has described ${p.unknownPrior}; behaviours on the node’s declaration count as ordinary. The sum of terms and these priors gives the probability of each behaviour.`,
        'The GPUs of a node are put together by the best k of its n GPUs, less ln (n / k): one GPU in eight and all eight both show. A term is the difference between the likeliest undeclared family and the likeliest other; the largest are the grounds and counter-grounds of a verdict.',
        `Once an hour, from ${p.sharesWindows} windows on, an assessment says how the node’s last 24 hours were shared between behaviours: the mix that explains its windows best, without the probabilities from before looking, which would pull every share towards them. ${p.sharesRunWindows} windows count as one, because those of a run look alike. The bounds count the windows that surely (${1 - p.sharesDoubt}) and those that possibly (${p.sharesDoubt}) were a behaviour. What is not declared and has at least ${100 * p.sharesFloorRatio} % of the time is a ground, for information: no window deviates by it.`,
      ],
    },
    {
      title: 'What raises a finding, and what closes it',
      paragraphs: [
        `On a declared node a window deviates when a declared bound is crossed by more than its margin, or when the log odds of a behaviour that is not declared reach ${p.flagLogOdds}. On a node without a declaration it is enough to be unlike the own past or the peers, and then it is for information alone.`,
        `Nodes that a scheduler’s name shows to be in the same job are compared with each other: after ${p.sameJobWindows} windows in it, doing work that the others do not counts on a declared node too, where at most ${100 * p.peersMinorityRatio} % of the job do; doing less of everything is a pause for ${p.peersLessWindows} windows. Without a known job it only adds to what else was found.`,
        `A deviation opens when a rule holds in the newest window and in ${p.openWindows} of the last ${p.openOfWindows}, never in a node’s first ${p.warmUpWindows} windows. It closes after ${p.closeWindows} windows in a row without.`,
        ...gathering(p),
        `A node that sends no frame for ${ticks(p.missedTicks)} has missed reports, for ${ticks(p.blindTicks)} is blind. That is a finding too, and graver where a meter shows that it draws power; it closes with the first window in which the node reports again. Silence says nothing of its cause.`,
        `Where a meter is on one node alone, its power and the node’s own are compared over ${p.energyMinutes} minutes: beyond ${p.energyToleranceWatts} W and ${100 * p.energyToleranceRatio} % they contradict each other. It is graver where they agreed before. Telemetry that is sent again in place of the true one shows here, if the power differs.`,
        `Where for hours (${p.unexplainedWindows} windows on balance) GPUs work, nothing that is declared is likely and nothing is flagged, that is told for information; it raises no alert.`,
        'Two senders under one name, and a clock ahead of the time of receipt or behind it for long, are findings about the data, not about the work.',
      ],
    },
    {
      title: 'Against its own past',
      paragraphs: [
        `A node is compared with itself at the same hour of the week (UTC; the hours beside count as usual too, because clocks change), as its first ${p.seasonDays} days under its declaration were. Then these hours are frozen: neither an episode nor a slow ramp moves them. As long as an hour has not come, its first ${p.referenceWindows} windows serve. From ${p.ownPastZ} spreads on a window is unlike its past.`,
        `What changes too slowly for any window to stand out is summed up day by day: that is drift. What changes within seconds is dated by the frames, and told of at once; any job that starts is such a change, so no finding rests on it.`,
        `A spread is never believed below ${p.spreadRatio * 100} % of the level, of traffic below ${p.spreadRatioOfRates * 100} %: what a link carries differs from minute to minute in honest work, at any speed.`,
      ],
    },
    {
      title: 'What it rests on',
      paragraphs: [
        'All evidence of what GPUs do is synthetic: the families are simulated machines, whose numbers were drawn from ranges that are known of the physics and from published figures. No recorded trace is part of the fit, of the bins or of the thresholds. A family is no statement about a machine that nobody simulated.',
        'Only GPUs with profiling counters are weighed (level L3), with the host’s traffic where it is seen (N). With less, a busy GPU is unknown and the answer is `cannot tell`; traffic alone never speaks.',
        'What a busy host shows while its GPUs wait, or has none, is weighed as well, from the project’s own recordings of one machine (`host-evidence/model.json`). It never raises a finding: hash loops and numerical kernels read alike in a host’s counters. It can say that work is ordinary; otherwise the answer is `cannot tell`.',
        'Most thresholds are starting values: chosen by hand, until enough labelled recordings exist to calibrate them. Each says which it is.',
      ],
    },
    {
      title: 'How to object',
      paragraphs: [
        'Every assessment names its detector and its revision: a hash of what it says, of the parameters below and of the bytes it rests on. Other inputs or other parameters give another revision, so a verdict cannot be changed unseen.',
        'Ask the operator to run `davylamp replay --node NAME`: it puts the frames that are still held through the detector again, compares revision by revision and names what differs; where the past is no longer held, its baselines begin later. The code, the parameters and the tables are those described here, so anybody may do the same with the same frames.',
        'Say what the counters cannot know: another model, batch size or power limit, a new job, a test. A declaration that names them changes what counts as declared from then on. A declared bound that is wrong is corrected by a new version of the declaration.',
        'A named person decides, not this program. Consequences outside need trust A or B and two independent kinds of evidence; the evidence described here is one kind, and in-band alone is C at best.',
      ],
    },
  ];
}

/** How windows of evidence become a finding. */
function gathering({ falseAlarmBudget: budget }: DetectParameters): readonly string[] {
  const levels = thresholdsFor(budget).map((level) => (Number.isFinite(level) ? level.toFixed(2) : 'never'));
  return [
    `Evidence of behaviours opens one otherwise. What a window says beyond the odds before looking, at most ${EVIDENCE_CAP} nats either way, goes into three averages that forget, over about ${MEMORIES.join(', ')} windows, and that never fall below zero. They are averages because windows of one run are alike (correlation ${SHIPPED_BUDGETS.correlation} on simulated runs): many are worth hardly more than one. A window without evidence leaves them as they are, and closes nothing while one of the last sixteen spoke. One loud window is never enough; a moderate one that goes on for hours may be.`,
    `It opens when an average reaches its threshold: ${levels.join(', ')} nats. Honest simulated nodes come there in about ${budget} alerts per 1,000 nodes and week, which is a setting; the thresholds come from that simulation (\`sequential/calibration.json\`), never from how many alerts there are. Nothing bounds how many are found at once: they are ranked, and none is dropped.`,
  ];
}

/** DOMAIN.md §8.1: shown wherever verdicts are explained. */
export const LIMITS: readonly Limit[] = [
  ['Is the node drawing power while it says it is off?', 'Yes, where a PDU or BMC is read.'],
  ['Are claimed GPU-hours physically possible?', 'Yes.'],
  ['Idle or busy?', 'Yes, but not from “utilisation” alone.'],
  [
    'Proof-of-work hashing on a GPU, or training?',
    'Usually; what nobody has described may look like either.',
  ],
  ['Matmul proof-of-work, or real INT8 inference?', separationAnswer()],
  [
    'Inference that also mines with the same kernels?',
    'No, not from counters: only software inventory, peers, documents.',
  ],
  ['AI paid in tokens, or AI paid in money?', 'No.'],
  ['A validator on a 5 kW server?', 'No, not from power; perhaps from flows.'],
  ['Anything below about 0.5 kW at a house’s meter?', 'No.'],
  ['Who did it, why, is it allowed, what did it earn, in which coin?', 'No.'],
  [
    'A GPU in confidential-computing mode: which work?',
    'No: its counters are off. Attestation proves a genuine device, not its purpose.',
  ],
];
