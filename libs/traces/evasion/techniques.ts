/** The ways of hiding that are measured (DOMAIN 9), each a function from a miner, a strength and a week to a workload. */
import { beside, onGpus, sideBySide, timeShare } from '../simulate/mixture.ts';
import type { Workload } from '../simulate/workload.ts';
import {
  atHours,
  dutyCycled,
  pausedDuring,
  ramped,
  throttled,
  withDecoyTensor,
  withDecoyTraffic,
} from '../simulate/wrappers.ts';
import { type Cover, INFERENCE, TRAINING, TRAINING_8 } from './covers.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Technique {
  readonly name: string;
  /** Row of the adversary's table, DOMAIN 9. */
  readonly cheat: 'C3' | 'C4' | 'C5' | 'C8' | 'C9' | 'C16' | '–';
  readonly cover: Cover;
  /** The strength that the matrix shows, 0–1: about the share of full output. */
  readonly usual: number;
  /** Only GPUs can be shared out so. */
  readonly gpuOnly: boolean;
  /**
   * @param cover honest work beside the miner, where the technique has any
   * @param strength 0–1, rising with the output
   */
  hide(miner: Workload, cover: Workload, strength: number, span: Span): Workload;
}

const DAY_MS = 86_400_000;
/** Shorter cycles are not in a simulation of seconds: what counters average over a second is left of them. */
const SHORTEST_CYCLE_SECONDS = 1;
/** Hour of the day, UTC, at which work by night begins. */
export const NIGHT_FROM = 22;
const TIME_SHARE_SECONDS = 30;
/** Day of the span on which somebody comes, from 0. */
const INSPECTED_DAY = 3;

const base = { cheat: 'C3', cover: TRAINING, gpuOnly: false } as const;

export const TECHNIQUES: readonly Technique[] = [
  { ...base, name: 'plain', cheat: '–', usual: 1, hide: (miner, _, strength) => held(miner, strength) },
  { ...base, name: 'throttled', usual: 0.5, hide: (miner, _, strength) => throttled(miner, strength) },
  dutyCycle('0.5 s', 0.5),
  dutyCycle('10 s', 10),
  dutyCycle('60 s', 60),
  dutyCycle('20 min', 1200),
  { ...base, name: 'night only', cover: INFERENCE, usual: 1 / 3, hide: night },
  {
    ...base,
    name: 'k of 8 GPUs',
    cover: TRAINING_8,
    usual: 0.25,
    gpuOnly: true,
    hide: (miner, cover, strength) => onGpus(miner, Math.round(8 * strength), cover),
  },
  {
    ...base,
    name: 'side by side',
    cheat: 'C8',
    usual: 0.5,
    hide: (miner, cover, strength) => sideBySide(miner, cover, strength),
  },
  {
    ...base,
    name: 'time share',
    cheat: 'C8',
    usual: 0.5,
    hide: (miner, cover, strength) => timeShare(miner, cover, strength, TIME_SHARE_SECONDS),
  },
  {
    ...base,
    name: 'decoy traffic',
    cheat: 'C9',
    cover: INFERENCE,
    usual: 1,
    hide: (miner, _, strength) => withDecoyTraffic(held(miner, strength)),
  },
  {
    ...base,
    name: 'decoy tensor work',
    cheat: 'C5',
    usual: 0.85,
    hide: (miner, _, strength) => withDecoyTensor(miner, 1 - strength),
  },
  {
    ...base,
    name: 'slow ramp',
    cheat: 'C16',
    usual: 1,
    hide: (miner, _, strength, { fromMs, toMs }) => ramped(held(miner, strength), (toMs - fromMs) / 1000),
  },
  { ...base, name: 'inspection pause', cheat: 'C4', usual: 1, hide: inspected },
];

/** A strength of one is the workload itself. */
function held(miner: Workload, strength: number): Workload {
  return strength < 1 ? throttled(miner, strength) : miner;
}

function dutyCycle(name: string, seconds: number): Technique {
  return {
    ...base,
    name: `duty cycle ${name}`,
    usual: 0.5,
    hide: (miner, _, strength) =>
      seconds < SHORTEST_CYCLE_SECONDS
        ? throttled(miner, strength)
        : dutyCycled(miner, strength * seconds, (1 - strength) * seconds),
  };
}

/** From 22 h on for its share of the day; honest work in the rest. */
function night(miner: Workload, cover: Workload, strength: number): Workload {
  if (strength >= 1) return miner;
  const until = (NIGHT_FROM + 24 * strength) % 24;
  return beside(atHours(miner, NIGHT_FROM, until), atHours(cover, until, NIGHT_FROM));
}

/** Honest on the day of the visit. */
function inspected(miner: Workload, cover: Workload, strength: number, { fromMs, toMs }: Span): Workload {
  const day = { fromMs: fromMs + INSPECTED_DAY * DAY_MS, toMs: fromMs + (INSPECTED_DAY + 1) * DAY_MS };
  const rest = [
    { fromMs: Number.NEGATIVE_INFINITY, toMs: day.fromMs },
    { fromMs: day.toMs, toMs: Math.max(toMs, day.toMs) },
  ];
  return beside(pausedDuring(held(miner, strength), [day]), pausedDuring(cover, rest));
}
