import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { hashPowComputeBound, hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { inferenceInt8 } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { gpuResults } from '#test/fixtures/traces/gpu/results.ts';
import { effects } from '#test/fixtures/traces/gpu/separation.ts';
import { gpuRecordings } from '#test/fixtures/traces/gpu/windows.ts';
import { writeSimulated } from '../simulated-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'davylamp-gpu-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIMULATED: readonly (readonly [label: string, workload: Workload])[] = [
  ['pow_hash_gpu', hashPowMemoryHard],
  ['pow_hash_gpu', hashPowComputeBound],
  ['pow_matmul_gpu', matmulPow],
  ['ai_training', trainingDataParallel],
  ['ai_inference', inferenceInt8],
];

beforeAll(async () => {
  for (const [label, workload] of SIMULATED)
    for (const seed of [1, 2])
      await writeSimulated(folder, {
        id: `${workload.name}-${seed}`,
        label,
        workload,
        seed,
        before: workload,
        beforeSeconds: 8,
        steadySeconds: 52,
      });
});

test('without recordings it says so', async () => {
  const { text, html } = await gpuResults(join(folder, 'nothing'));
  expect(text).toContain('No GPU has been recorded yet');
  expect(html).toBeNull();
});

test('the labelled time alone is judged, in windows of 5 s of one GPU', async () => {
  const recordings = await gpuRecordings(folder);
  expect(recordings).toHaveLength(2 * SIMULATED.length);
  for (const { windows } of recordings) expect(windows).toHaveLength(10);
});

test('tensor activity separates hashing from training, at the level that measures it', async () => {
  const recordings = await gpuRecordings(folder);
  const of = (label: string) => recordings.filter((one) => one.label === label);
  const found = effects(of('pow_hash_gpu'), of('ai_training'), 'dcgm');
  const tensor = found.find(({ name }) => name === 'tensor_active mean');
  expect(tensor?.delta).toBe(-1);
  expect(tensor?.medians[0]).toBeLessThan(tensor?.medians[1] ?? Number.NaN);
  expect(tensor?.low).toBeLessThanOrEqual(tensor?.high ?? Number.NaN);
  const below = effects(of('pow_hash_gpu'), of('ai_training'), 'smi').map(({ name }) => name);
  expect(below.length).toBeGreaterThan(0);
  expect(below.filter((name) => /tensor|dram|sm_active|pcie/.test(name))).toEqual([]);
});

test('a recording against itself is separated by nothing', async () => {
  const [one] = await gpuRecordings(folder);
  for (const { delta } of one ? effects([one], [one], 'dcgm') : []) expect(delta).toBe(0);
});

test('every recording is plotted, and every family is in the tables', async () => {
  const { text, html } = await gpuResults(folder);
  expect(html?.match(/<svg/g)).toHaveLength(2 * SIMULATED.length);
  expect(html).not.toContain('NaN');
  for (const [label, { name }] of SIMULATED)
    if (label.startsWith('pow_')) expect(text).toContain(`| ${name} `);
  expect(text).toContain('against');
  expect(text).toContain('one family left out');
});
