import { expect, test } from 'vitest';
import { LAYOUTS } from '#libs/model/catalogue.ts';
import { COVERS } from '#libs/traces/evasion/covers.ts';
import { workGroups } from '#libs/traces/evasion/jobs.ts';
import { largestUndetected } from '#libs/traces/evasion/largest-share.ts';
import { MINERS } from '#libs/traces/evasion/miners.ts';
import { outputShare } from '#libs/traces/evasion/output.ts';
import { SAMPLED, samplesOf } from '#libs/traces/evasion/plan.ts';
import { SIGHTS, strip } from '#libs/traces/evasion/strip.ts';
import { type Span, TECHNIQUES, type Technique } from '#libs/traces/evasion/techniques.ts';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { activities, machineOf, NOON_MS } from '../world.ts';

const WEEK: Span = { fromMs: Date.UTC(2026, 10, 23), toMs: Date.UTC(2026, 10, 30) };

function technique(name: string): Technique {
  const found = TECHNIQUES.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`${name}: expected a technique`);
  return found;
}

test.each(TECHNIQUES)('hides the same way for the same seed, and another for another: $name', (one) => {
  const seconds = (seed: number) =>
    activities(one.hide(matmulPow, one.cover.workload, one.usual, WEEK), 90, one.cover.gpus, seed);
  expect(seconds(4)).toEqual(seconds(4));
  expect(seconds(4)).not.toEqual(seconds(5));
});

test.each([
  ['plain', 1, 1],
  ['throttled', 0.3, 0.3],
  ['duty cycle 0.5 s', 0.25, 0.25],
  ['duty cycle 10 s', 0.5, 0.5],
  ['duty cycle 60 s', 0.25, 0.25],
  ['duty cycle 20 min', 0.75, 0.75],
  ['night only', 1 / 3, 1 / 3],
  ['k of 8 GPUs', 3 / 8, 3 / 8],
  ['side by side', 0.4, 0.4],
  ['time share', 0.5, 0.5],
  ['decoy traffic', 1, 1],
  ['decoy tensor work', 0.85, 0.85],
  ['slow ramp', 1, 0.5],
  ['inspection pause', 1, 6 / 7],
])('counts the output of %s at %f as %f of full', (name, strength, output) => {
  expect(outputShare(technique(name), strength, WEEK)).toBeCloseTo(output, 2);
});

test('no output is more than full, and none less than nothing', () => {
  for (const one of TECHNIQUES) {
    for (const strength of [1 / 16, 0.5, 1]) {
      const output = outputShare(one, strength, WEEK);
      expect(output, one.name).toBeGreaterThanOrEqual(0);
      expect(output, one.name).toBeLessThanOrEqual(1);
    }
  }
});

test('what is hidden keeps the label of a miner, or is mixed', () => {
  for (const miner of MINERS) {
    for (const one of TECHNIQUES) {
      const { behaviour } = one.hide(miner, one.cover.workload, one.usual, WEEK);
      expect([miner.behaviour, 'B11'], `${one.name}, ${miner.name}`).toContain(behaviour);
    }
  }
});

test('samples are whole minutes apart, in order, all over the span, and the same for the same seed', () => {
  const samples = samplesOf(WEEK, SAMPLED, 3);
  expect(samples).toEqual(samplesOf(WEEK, SAMPLED, 3));
  expect(samples).not.toEqual(samplesOf(WEEK, SAMPLED, 4));
  expect(samples).toHaveLength(21);
  samples.forEach(({ fromMs, toMs }, index) => {
    expect(fromMs % 60_000).toBe(0);
    expect(fromMs).toBeGreaterThanOrEqual(
      (samples[index - 1]?.toMs ?? WEEK.fromMs) + (index > 0 ? 60_000 : 0),
    );
    expect(toMs).toBeLessThanOrEqual(WEEK.toMs);
  });
  expect(samples.at(-1)?.fromMs).toBeGreaterThan(WEEK.toMs - 86_400_000);
  const tenPm = WEEK.fromMs + 22 * 3_600_000;
  expect(samples.some(({ fromMs }) => fromMs > tenPm && fromMs <= tenPm + 300_000)).toBe(true);
});

const OF_TRAFFIC = /^(network|fabric|tcp)_/;

test.each(['L1', 'L2', 'L3'] as const)(
  'a machine stripped to %s shows what one of that level shows, and nothing of its traffic',
  (level) => {
    const rich = machineOf(matmulPow, HARDWARE.h100x8).interval(NOON_MS, 10_000).entities;
    const poor = machineOf(matmulPow, { ...HARDWARE.h100x8, level }).interval(NOON_MS, 10_000).entities;
    strip(rich, level);
    rich.forEach(({ kind, gauges, counters }, row) => {
      LAYOUTS[kind].gauges.forEach(({ name }, ordinal) => {
        const expected = OF_TRAFFIC.test(name) ? Number.NaN : poor[row]?.gauges[ordinal];
        expect(gauges[ordinal], name).toEqual(expected);
      });
      LAYOUTS[kind].counters.forEach(({ name }, ordinal) => {
        if (OF_TRAFFIC.test(name)) expect(counters[ordinal], name).toBeNaN();
      });
    });
  },
);

test('the richest sight takes nothing away', () => {
  const [whole, stripped] = [1, 2].map(() => machineOf(matmulPow).interval(NOON_MS, 10_000).entities);
  strip(stripped ?? [], 'L3+N');
  expect(stripped).toEqual(whole);
});

test.each(SIGHTS)('at %s a node names its job, with the shares of GPUs where they can be read', (sight) => {
  const rows = machineOf(matmulPow).interval(NOON_MS, 10_000).entities;
  strip(rows, sight);
  const [own] = workGroups('job_7', rows);
  expect(own?.label).toBe('job_7/task_0');
  expect(Number.isNaN(own?.gpuMemoryBytes)).toBe(sight === 'L1');
  if (sight !== 'L1') expect(own?.gpuUtilizationRatio).toBeCloseTo(0.99, 1);
  expect(workGroups(null, rows).some(({ label }) => label.startsWith('job_'))).toBe(false);
});

test('nodes of a cover and their peers share a job, but for the cover that has several', () => {
  const others = COVERS.map(({ name, job, peers }) => [
    name,
    peers.filter((peer) => peer.name !== job).length,
  ]);
  expect(Object.fromEntries(others)).toEqual({
    training: 0,
    'training on 8 GPUs': 0,
    inference: 0,
    'training, several jobs': 5,
  });
});

test('the search finds the largest undetected part, and asks for no strength twice', () => {
  for (let border = 1; border <= 16; border++) {
    const asked: number[] = [];
    const bracket = largestUndetected((strength) => {
      asked.push(strength);
      return strength * 16 >= border;
    }, 16);
    expect(bracket).toEqual({ undetected: (border - 1) / 16, detected: border / 16 });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThanOrEqual(6);
  }
});

test('a detector that finds more leaves no more: the search is monotone in its border', () => {
  const left = Array.from({ length: 16 }, (_, border) =>
    largestUndetected((strength) => strength > border / 16, 16),
  );
  left.forEach(({ undetected }, border) => {
    expect(undetected).toBe(border / 16);
  });
});

test('the search keeps to an undetected quarter where weak and strong are both detected', () => {
  const inBand = (strength: number) => strength < 0.4 || strength > 0.6;
  expect(largestUndetected(inBand, 16)).toEqual({ undetected: 9 / 16, detected: 10 / 16 });
});

test('a detector that finds nothing leaves everything', () => {
  expect(largestUndetected(() => false, 16)).toEqual({ undetected: 1, detected: null });
});
