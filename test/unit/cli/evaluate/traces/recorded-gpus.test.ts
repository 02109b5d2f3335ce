import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { hashPowComputeBound, hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { idle } from '#libs/traces/simulate/workloads/idle.ts';
import { inferenceInt8 } from '#libs/traces/simulate/workloads/inference.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { gpuSections } from '#services/cli/evaluate/traces/gpu-sections.ts';
import { leaveOutGpus } from '#services/cli/evaluate/traces/left-out-gpus.ts';
import { type GpuWindow, gpuWindows } from '#services/cli/evaluate/traces/recorded-gpus.ts';
import { scorerOf } from '#services/cli/evaluate/traces/scores.ts';
import { fitExamples } from '#services/cli/evaluate/traces/synthetic-quality.ts';
import { writeSimulated } from '../../../traces/simulated-recording.ts';

const GPUS = 8;
const SM = FEATURES.findIndex(({ name }) => name === 'sm');
const SIMULATED: readonly (readonly [label: string, workload: Workload, steadySeconds: number])[] = [
  ['pow_hash_gpu', hashPowMemoryHard, 34],
  ['pow_hash_gpu', hashPowComputeBound, 35],
  ['ai_training', trainingDataParallel, 95],
  ['ai_inference', inferenceInt8, 30],
  ['idle', idle, 20],
];

const folder = mkdtempSync(join(tmpdir(), 'davylamp-gpus-'));
const scorer = scorerOf(SHIPPED_MODEL);
const simulated = fitExamples(2);
let windows: readonly GpuWindow[] = [];

beforeAll(async () => {
  for (const [label, workload, steadySeconds] of SIMULATED)
    await writeSimulated(folder, {
      id: workload.name,
      label,
      workload,
      before: idle,
      beforeSeconds: 13,
      steadySeconds,
    });
  windows = await gpuWindows(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('three frames of one label are a window, two are none', () => {
  const counts = [...Map.groupBy(windows, ({ family }) => family)].map(([family, own]) => [
    family,
    own.length,
  ]);
  expect(Object.fromEntries(counts)).toEqual({
    [hashPowMemoryHard.name]: GPUS,
    [hashPowComputeBound.name]: GPUS,
    [trainingDataParallel.name]: 2 * GPUS,
    [inferenceInt8.name]: GPUS,
  });
});

test('what a GPU did before the label held is in no window', () => {
  const hashing = windows.filter(({ family }) => family === hashPowComputeBound.name);
  for (const { values } of hashing) expect(values[SM]).toBeGreaterThan(0.9);
});

test('a trace that is left out has no window, and one that nobody lists is named', async () => {
  const rest = await gpuWindows(folder, [hashPowMemoryHard.name]);
  expect(rest).toEqual(windows.filter(({ trace }) => trace !== hashPowMemoryHard.name));
  await expect(gpuWindows(folder, ['nobody'])).rejects.toThrow('--without nobody');
});

test('a family is in no fit that it is put to, and in the fits of all others', () => {
  const [own, other] = [hashPowMemoryHard.name, hashPowComputeBound.name];
  const mistaken = windows.map((one) => (one.family === own ? { ...one, behaviour: 'B1' as const } : one));
  const taught = (some: readonly GpuWindow[], wanted: string) =>
    leaveOutGpus(some, simulated, scorer)
      .filter(({ family }) => family === wanted)
      .map((one) => one.taught.logOdds);
  expect(taught(mistaken, own)).toEqual(taught(windows, own));
  expect(taught(mistaken, other)).not.toEqual(taught(windows, other));
});

test('mixed work teaches nobody anything, and is judged', () => {
  const mixed = windows
    .filter(({ family }) => family === inferenceInt8.name)
    .map((one) => ({ ...one, family: 'beside', label: 'mixed', behaviour: 'B11' as const }));
  const judged = leaveOutGpus([...windows, ...mixed], simulated, scorer);
  const without = leaveOutGpus(windows, simulated, scorer);
  expect(judged.filter(({ family }) => family !== 'beside')).toEqual(without);
  expect(judged).toHaveLength(windows.length + mixed.length);
});

test('every family has a row; proof-of-work is ranked against each kind of honest work there is', () => {
  const [families, ranking] = gpuSections(windows, simulated, scorer);
  expect(families?.rows.map(([family]) => family)).toHaveLength(4);
  expect(ranking?.rows.map(([work, against]) => [work, against])).toEqual([
    ['pow_hash_gpu', 'training'],
    ['pow_hash_gpu', 'inference'],
  ]);
  expect(ranking?.rows[0]?.[4]).toBe('1.00 (1.00–1.00)');
});

test('too few families are compared with nothing', () => {
  const few = windows.filter(({ label }) => label === 'pow_hash_gpu');
  expect(gpuSections(few, simulated, scorer)).toEqual([]);
});
