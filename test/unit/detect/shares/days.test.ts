import { expect, test } from 'vitest';
import { assessRun, type OfflineFrame } from '#libs/detect/offline.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { Machine } from '#libs/traces/simulate/machine.ts';
import { timeShare } from '#libs/traces/simulate/mixture.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { idle } from '#libs/traces/simulate/workloads/idle.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { alternating, isCovered, isNear, sharesOfDay } from '#services/detector-shares.ts';
import { declaration, START_MS, sha256 } from '../world.ts';

const SEEDS = [15_000_001, 15_000_002];

test.each([
  ['training-data-parallel', 'hash-pow-memory-hard', 0.7],
  ['training-accumulating', 'hash-pow-compute-bound', 0.7],
  ['training-power-smoothed', 'hash-pow-memory-hard', 0.7],
  ['training-data-parallel', 'matmul-pow', 0.7],
  ['hash-pow-memory-hard', 'hash-pow-memory-hard', 1],
] as const)('simulated hours of %s and of %s in turn are told within five points', (first, second, ratio) => {
  for (const seed of SEEDS) {
    const plan = alternating(first, second, ratio);
    const told = sharesOfDay(plan.workload, seed);
    if (told === null) throw new RangeError('a whole day is enough');
    expect(told.windows).toBe(24 * 60);
    expect(isNear({ plan, told }), JSON.stringify(told)).toBe(true);
    expect(isCovered({ plan, told }), JSON.stringify(told)).toBe(true);
  }
});

/** Frames of a minute: enough for windows, and quick. */
function* framesOf(workload: Workload, hours: number): Iterable<OfflineFrame> {
  const hardware = { ...HARDWARE.h100x8, gpus: 2 };
  const shifts = [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  const machine = new Machine({ name: 'n1', hardware, shifts, flows: false, seed: 5 });
  for (let endMs = START_MS + 60_000; endMs <= START_MS + hours * 3_600_000; endMs += 60_000)
    yield { endMs, ...machine.interval(endMs, 60_000) };
}

const inForce = { ...declaration(['n1'], []), behaviours: ['B0', 'B1'] as const };
const watch = (workload: Workload, hours: number) =>
  assessRun(
    { node: 'n1', site: 's1', declaration: inForce, frames: framesOf(workload, hours) },
    // Frames of a minute stand for whole windows.
    { ...PARAMETERS, minCoverageRatio: 0.1 },
    sha256,
  );

test('stage 1 tells the shares once an hour, and what nobody declares as a ground that flags nothing by itself', () => {
  const mixed = timeShare(trainingDataParallel, hashPowMemoryHard, 0.7, 7_200);
  const assessments = watch(mixed, 8);
  const told = assessments.filter(({ shares }) => shares !== undefined);
  expect(told.length).toBeGreaterThanOrEqual(5);
  expect(told.length).toBeLessThanOrEqual(6);
  const last = told.at(-1);
  expect(last?.shares?.behaviours.B4?.share).toBeGreaterThan(0.2);
  const [ground] = last?.reasons.filter(({ rule }) => rule === 'shares') ?? [];
  expect(ground?.text).toContain('proof-of-work hashing on GPU');
  const training = told.filter(({ behaviours }) => (behaviours.B1 ?? 0) > 0.8);
  expect(new Set(training.map(({ conformity }) => conformity))).toEqual(new Set(['conforms']));
  for (const { shares, reasons } of assessments)
    if (shares === undefined) expect(reasons.map(({ rule }) => rule)).not.toContain('shares');
});

test('hours that a node waits are idle ones', () => {
  const last = watch(timeShare(trainingDataParallel, idle, 0.5, 7_200), 6).findLast(({ shares }) => shares);
  const { B0, B1 } = last?.shares?.behaviours ?? {};
  expect((B0?.share ?? 0) + (B1?.share ?? 0)).toBeGreaterThan(0.95);
  expect(B0?.share).toBeGreaterThan(0.35);
  expect(last?.reasons.filter(({ rule }) => rule === 'shares')).toEqual([]);
});
