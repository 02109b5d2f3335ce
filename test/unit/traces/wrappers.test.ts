import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Activity } from '#libs/traces/simulate/activity.ts';
import { beside, onGpus, sideBySide, timeShare } from '#libs/traces/simulate/mixture.ts';
import { onShare, type Workload } from '#libs/traces/simulate/workload.ts';
import { hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { idle } from '#libs/traces/simulate/workloads/idle.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import {
  atHours,
  dutyCycled,
  pausedDuring,
  ramped,
  throttled,
  withDecoyTensor,
  withDecoyTraffic,
} from '#libs/traces/simulate/wrappers.ts';
import { activities, NOON_MS, WORKLOADS } from './world.ts';

const workloads = fc.constantFrom(...WORKLOADS);
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const busy = ({ gpus }: Activity) => gpus.some(({ utilization }) => utilization > 0);
const tensor = ({ gpus }: Activity) => gpus.reduce((sum, gpu) => sum + gpu.tensor, 0);

test('a throttled workload does its share of what it would do, keeps its memory, its peers and its label', () => {
  fc.assert(
    fc.property(workloads, seeds, fc.double({ min: 0.05, max: 1, noNaN: true }), (workload, seed, ratio) => {
      const full = activities(workload, 20, 2, seed);
      const held = activities(throttled(workload, ratio), 20, 2, seed);
      held.forEach((activity, second) => {
        const whole = full[second] as Activity;
        expect(activity.host.cpu).toBeCloseTo(ratio * whole.host.cpu, 9);
        activity.gpus.forEach((gpu, index) => {
          expect(gpu.sm).toBeCloseTo(ratio * (whole.gpus[index]?.sm ?? 0), 9);
          expect(gpu.memory).toBe(whole.gpus[index]?.memory);
        });
        expect(activity.flows.map(({ peer }) => peer)).toEqual(whole.flows.map(({ peer }) => peer));
      });
      expect(throttled(workload, ratio).behaviour).toBe(workload.behaviour);
    }),
    { numRuns: 40 },
  );
});

test('a duty cycle is on for its share of the time, and leaves nothing behind while it is off', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (on, off) => {
      const seconds = activities(dutyCycled(matmulPow, on, off), 4 * (on + off), 1);
      expect(seconds.filter(busy)).toHaveLength(4 * on);
      for (const quiet of seconds.filter((one) => !busy(one))) {
        expect(quiet.flows).toEqual([]);
        expect(quiet.gpus[0]?.memory).toBe(0);
      }
    }),
    { numRuns: 40 },
  );
});

test('work of certain hours is there in these alone, also over midnight and in other places', () => {
  const onAt = (workload: Workload) => activities(workload, 2, 1).some(busy);
  expect(onAt(atHours(matmulPow, 20, 7))).toBe(false);
  expect(onAt(atHours(matmulPow, 20, 7, 9))).toBe(true);
  expect(onAt(atHours(matmulPow, 12, 13))).toBe(true);
  expect(onAt(atHours(matmulPow, 20, 13))).toBe(true);
});

test('a ramp never goes back, and ends at the full strength', () => {
  const levels = activities(ramped(hashPowMemoryHard, 100), 150, 1).map(
    ({ gpus }) => gpus[0]?.utilization ?? 0,
  );
  levels.forEach((level, second) => {
    expect(level).toBeGreaterThanOrEqual((levels[second - 1] ?? 0) - 1e-12);
  });
  expect(levels.slice(100)).toEqual(
    activities(hashPowMemoryHard, 150, 1)
      .slice(100)
      .map(({ gpus }) => gpus[0]?.utilization),
  );
  expect(levels[0]).toBeLessThan(0.02);
});

test('during an inspection nothing is to be seen, before and after all of it', () => {
  const pause = { fromMs: NOON_MS + 10_000, toMs: NOON_MS + 20_000 };
  const seen = activities(pausedDuring(matmulPow, [pause]), 30, 1).map(busy);
  expect(seen).toEqual([...Array(10).fill(true), ...Array(10).fill(false), ...Array(10).fill(true)]);
});

test('decoys add to what is there and hide nothing of it', () => {
  const plain = activities(hashPowMemoryHard, 30);
  const traffic = activities(withDecoyTraffic(hashPowMemoryHard), 30);
  const products = activities(withDecoyTensor(hashPowMemoryHard), 30);
  plain.forEach((one, second) => {
    expect(traffic[second]?.flows.length).toBe(one.flows.length + 1);
    expect(traffic[second]?.gpus[0]?.memory).toBe(one.gpus[0]?.memory);
    expect(tensor(products[second] as Activity)).toBeGreaterThan(tensor(one));
    // Its cost: less of the real work.
    expect(products[second]?.gpus[0]?.dram).toBeLessThan(one.gpus[0]?.dram ?? 0);
  });
});

test('on k of the GPUs: exactly these do the hidden work, whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), seeds, (count, seed) => {
      const mixed = onGpus(hashPowMemoryHard, count, idle);
      const sets = activities(mixed, 5, 8, seed).map(({ gpus }) => gpus.map(({ dram }) => dram > 0.5));
      for (const set of sets) {
        expect(set.filter(Boolean)).toHaveLength(count);
        expect(set).toEqual(sets[0]);
      }
    }),
    { numRuns: 60 },
  );
});

test('which GPU it is depends on the seed', () => {
  const places = Array.from({ length: 40 }, (_, seed) =>
    activities(onGpus(hashPowMemoryHard, 1, idle), 1, 8, seed)[0]?.gpus.findIndex(({ dram }) => dram > 0),
  );
  expect(new Set(places).size).toBeGreaterThan(5);
});

test('a time share of 70 to 30 is that, and counts as mixed', () => {
  const mixed = timeShare(trainingDataParallel, matmulPow, 0.7, 100);
  const matmul = activities(mixed, 1_000).filter((one) => (one.gpus[0]?.tensor ?? 0) > 0.5);
  expect(matmul).toHaveLength(300);
  expect(mixed.behaviour).toBe('B11');
});

test('side by side, each has its share of the GPU and the whole of its memory', () => {
  const share = 0.6;
  const mixed = activities(sideBySide(hashPowMemoryHard, idle, share), 20);
  for (const { gpus } of mixed) {
    expect(gpus[0]?.utilization).toBeCloseTo(0.998 * share, 6);
    expect(gpus[0]?.memory).toBe(0.12);
  }
});

test('what runs beside another takes nothing from it', () => {
  const [both] = activities(beside(hashPowMemoryHard, matmulPow), 1);
  expect(both?.gpus[0]?.tensor).toBeGreaterThan(0.75);
  expect(both?.gpus[0]?.dram).toBeGreaterThan(1);
  expect(both?.flows).toHaveLength(2);
});

test('the share of a cycle that falls into a second adds up to its duty', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.3, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (period, duty) => {
        const seconds = 4_000;
        let sum = 0;
        for (let second = 1; second <= seconds; second++) sum += onShare(second * 1000, period, duty);
        expect(Math.abs(sum - seconds * duty)).toBeLessThanOrEqual(period + 1e-6);
      },
    ),
    { numRuns: 50 },
  );
  expect([1, 2, 3, 4, 5].map((second) => onShare(second * 1000, 4, 0.25))).toEqual([1, 0, 0, 0, 1]);
});
