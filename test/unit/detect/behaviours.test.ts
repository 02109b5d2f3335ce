import { expect, test } from 'vitest';
import { assessRun } from '#libs/detect/offline.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import type { Assessment } from '#libs/model/assessment.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { mostLikely } from '#libs/model/behaviour.ts';
import type { Bound, Declaration } from '#libs/model/declaration.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { isWhole } from '#libs/model/whole-window.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { Machine, type Shift } from '#libs/traces/simulate/machine.ts';
import { onGpus } from '#libs/traces/simulate/mixture.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { cpuPow } from '#libs/traces/simulate/workloads/cpu-pow.ts';
import { hashPowComputeBound, hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { idle, parkedModel } from '#libs/traces/simulate/workloads/idle.ts';
import { inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { render } from '#libs/traces/simulate/workloads/render.ts';
import {
  trainingDataParallel,
  trainingGradientAccumulation,
  trainingOffload,
  trainingPowerSmoothed,
} from '#libs/traces/simulate/workloads/training.ts';
import { declaration, row, START_MS, sha256 } from './world.ts';

const ORDINARY: readonly Behaviour[] = ['B0', 'B1', 'B2', 'B3'];
const declared = (
  behaviours: readonly Behaviour[] = ORDINARY,
  envelope: readonly Bound[] = [],
): Declaration => ({
  ...declaration(['n1'], envelope),
  behaviours,
});

interface World {
  readonly hardware?: Hardware;
  readonly shifts?: readonly Shift[];
  readonly minutes?: number;
  readonly declaration?: Declaration | null;
}

function watch(workload: Workload, world: World = {}): Assessment[] {
  const { hardware = HARDWARE.h100x8, minutes = 5 } = world;
  const shifts = world.shifts ?? [{ fromMs: Number.NEGATIVE_INFINITY, workload }];
  const machine = new Machine({ name: 'n1', hardware, shifts, flows: false, seed: 3 });
  const frames = Array.from({ length: minutes * 6 }, (_, index) => {
    const endMs = START_MS + (index + 1) * 10_000;
    return { endMs, ...machine.interval(endMs, 10_000) };
  });
  return assessFrames(frames, world.declaration === undefined ? declared() : world.declaration);
}

function assessFrames(
  frames: readonly { endMs: number; samples: number; entities: readonly EntityRow[] }[],
  inForce: Declaration | null = declared(),
): Assessment[] {
  const run = { node: 'n1', site: 's1', declaration: inForce, frames };
  return assessRun(run, PARAMETERS, sha256).filter(({ heartbeat }) => heartbeat === 'present');
}

/** One minute of the same rows. */
function minute(entities: readonly EntityRow[], inForce = declared()): Assessment | undefined {
  const frames = Array.from({ length: 6 }, (_, index) => ({
    endMs: START_MS + (index + 1) * 10_000,
    samples: 10,
    entities,
  }));
  return assessFrames(frames, inForce)[0];
}

const likeliest = (assessments: readonly Assessment[]) =>
  new Set(assessments.slice(1).map(({ behaviours }) => mostLikely(behaviours)));

test.each([
  [trainingDataParallel, 'B1'],
  [trainingGradientAccumulation, 'B1'],
  [trainingOffload, 'B1'],
  [trainingPowerSmoothed, 'B1'],
  [inferenceOnRequest(), 'B2'],
  [render, 'B3'],
  [parkedModel, 'B0'],
] as const)('simulated $name with profiling counters is recognised and conforms', (workload, behaviour) => {
  const assessments = watch(workload);
  expect(likeliest(assessments)).toEqual(new Set([behaviour]));
  expect(new Set(assessments.map(({ conformity }) => conformity))).toEqual(new Set(['conforms']));
});

test.each([
  [hashPowMemoryHard, 'B4'],
  [hashPowComputeBound, 'B4'],
  [matmulPow, 'B5'],
] as const)(
  'simulated $name with profiling counters deviates, with grounds and counter-grounds',
  (workload, behaviour) => {
    const assessments = watch(workload).slice(1);
    expect(likeliest(assessments)).toEqual(new Set([behaviour]));
    for (const { conformity, reasons, counterReasons } of assessments) {
      expect(conformity).toBe('deviates');
      expect(reasons.filter(({ rule, weight }) => rule === 'behaviour' && weight > 0).length).toBeGreaterThan(
        0,
      );
      expect(counterReasons.length).toBeGreaterThan(0);
    }
  },
);

test('a behaviour that is declared does not deviate', () => {
  const assessments = watch(hashPowMemoryHard, { declaration: declared(['B4']) });
  expect(new Set(assessments.map(({ conformity }) => conformity))).toEqual(new Set(['conforms']));
});

test('two GPUs of eight that do something else are seen', () => {
  const assessments = watch(onGpus(hashPowMemoryHard, 2, trainingDataParallel)).slice(1);
  expect(new Set(assessments.map(({ conformity }) => conformity))).toEqual(new Set(['deviates']));
  expect(assessments[0]?.behaviours.B1).toBeGreaterThan(0.6);
  expect(assessments[0]?.behaviours.B4).toBeGreaterThan(0.2);
});

test.each([hashPowMemoryHard, trainingDataParallel, matmulPow])(
  'without profiling counters busy GPUs ($name) are unknown and cannot be told, and what is missing is named',
  (workload) => {
    const hardware = { ...HARDWARE.h100x8, level: 'L2' as const };
    for (const { behaviours, conformity, unseen } of watch(workload, { hardware })) {
      expect(mostLikely(behaviours)).toBe('B13');
      expect(conformity).toBe('cannot tell');
      expect(unseen.join()).toContain('No profiling counters');
    }
  },
);

test('without profiling counters a declared envelope that is met and measured conforms', () => {
  const envelope = [{ metric: 'gpu_power_watts', min: null, max: 690 }];
  const hardware = { ...HARDWARE.h100x8, level: 'L2' as const };
  const assessments = watch(trainingDataParallel, { hardware, declaration: declared(['B1'], envelope) });
  expect(new Set(assessments.map(({ conformity }) => conformity))).toEqual(new Set(['conforms']));
});

test('GPUs that wait say nothing about a node whose CPU works', () => {
  const assessments = watch(cpuPow);
  expect(assessments.filter(({ behaviours }) => (behaviours.B0 ?? 0) > 0)).toEqual([]);
  expect(new Set(assessments.map(({ conformity }) => conformity))).toEqual(new Set(['cannot tell']));
});

test('a node that nobody declared is never clean, and evidence is a reason all the same', () => {
  const [, second] = watch(matmulPow, { declaration: null });
  expect(second?.conformity).toBe('undeclared');
  expect(second?.reasons.some(({ rule }) => rule === 'behaviour')).toBe(true);
});

const host = row('host', 0, { cpu_utilization_ratio: 0.01 });

test.each([
  ['power', { gpu_utilization_ratio: 0, gpu_power_watts: 320 }, 'power says busy'],
  ['SM activity', { gpu_utilization_ratio: 0, gpu_sm_active_ratio: 0.9 }, 'SM activity says busy'],
  [
    'temperature and memory',
    { gpu_utilization_ratio: 0, gpu_memory_used_ratio: 0.67, gpu_temperature_celsius: 55 },
    'temperature with its memory in use',
  ],
  ['nothing: it swings', { gpu_utilization_ratio: 0.5, gpu_utilization_ratio_sd: 0.48 }, 'swings'],
  ['nothing: it stands still', { gpu_utilization_ratio: 0.43, gpu_power_watts: 90 }, 'stuck'],
])(
  'a utilisation sensor contradicted by %s is named, and the node is not called clean',
  (_, gauges, words) => {
    const envelope = [{ metric: 'gpu_utilization_ratio', min: null, max: 0.9 }];
    const assessment = minute([host, withSpread(gauges)], declared(ORDINARY, envelope));
    expect(assessment?.conformity).toBe('cannot tell');
    expect(assessment?.behaviours.B0 ?? 0).toBeLessThan(0.5);
    expect(assessment?.unseen[0]).toContain('gpu_utilization_ratio of gpu0');
    expect(assessment?.unseen[0]).toContain(words);
  },
);

test('a loaded model that waits, on a card that is cool, is idle', () => {
  const gauges = { gpu_utilization_ratio: 0, gpu_memory_used_ratio: 0.9, gpu_temperature_celsius: 34 };
  expect(minute([host, row('gpu', 0, gauges)])?.behaviours.B0).toBe(PARAMETERS.idleConfidence);
});

test('a utilisation of nothing that no other sensor confirms is not idle', () => {
  const alone = row('gpu', 0, { gpu_utilization_ratio: 0, gpu_memory_used_ratio: 0.67 });
  expect(minute([host, alone])?.behaviours).toEqual({ B13: 1 });
  const empty = row('gpu', 0, { gpu_utilization_ratio: 0, gpu_memory_used_ratio: 0.02 });
  expect(minute([host, empty])?.behaviours.B0).toBe(PARAMETERS.idleConfidence);
});

/** `_sd` is the column after the mean. */
function withSpread({
  gpu_utilization_ratio_sd: sd = 0,
  ...gauges
}: Readonly<Record<string, number>>): EntityRow {
  const made = row('gpu', 0, gauges);
  made.gauges[made.gauges.indexOf(Math.fround(gauges.gpu_utilization_ratio ?? 0)) + 1] = sd;
  return made;
}

test('a start is a change against the first windows, long before the reference is complete, and no deviation', () => {
  const startMs = START_MS + 6 * 60_000;
  const hardware = { ...HARDWARE.h100x8, level: 'L2' as const };
  const shifts = [
    { fromMs: Number.NEGATIVE_INFINITY, workload: idle },
    { fromMs: startMs, workload: hashPowMemoryHard },
  ];
  const assessments = watch(idle, { hardware, shifts, minutes: 9 });
  const whole = assessments.filter(isWhole);
  const changed = whole.filter(({ reasons }) => reasons.some(({ rule }) => rule === 'young-past'));
  expect(changed.map(({ windowStartMs }) => windowStartMs)).toEqual([
    startMs,
    startMs + 60_000,
    startMs + 120_000,
  ]);
  expect(new Set(changed.map(({ conformity }) => conformity))).toEqual(new Set(['cannot tell']));
  const weights = changed.flatMap(({ reasons }) => reasons.filter(({ rule }) => rule === 'young-past'));
  expect(Math.max(...weights.map(({ weight }) => weight))).toBeLessThanOrEqual(PARAMETERS.weightCap / 2);
});

test('a slow ramp does not drag the first windows along', () => {
  const assessments = assessFrames(
    Array.from({ length: 150 }, (_, index) => ({
      endMs: START_MS + (index + 1) * 10_000,
      samples: 10,
      entities: [row('host', 0, { cpu_utilization_ratio: 0.3, node_power_watts: 300 + index })],
    })),
  );
  expect(assessments.at(-1)?.reasons.map(({ rule }) => rule)).toContain('young-past');
});
