import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HARDWARE } from '#libs/traces/simulate/hardware.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { hashPowComputeBound, hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { inferenceInt8 } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { trainingDataParallel } from '#libs/traces/simulate/workloads/training.ts';
import { machineFacts } from '#services/cli/record/machine.ts';
import { keepTraces } from '#services/cli/record/manifest.ts';
import { Tape } from '#services/cli/record/tape.ts';
import { gpuResults } from '#test/fixtures/traces/gpu/results.ts';
import { effects } from '#test/fixtures/traces/gpu/separation.ts';
import { gpuRecordings } from '#test/fixtures/traces/gpu/windows.ts';
import { machineOf, NOON_MS } from '../world.ts';

const folder = mkdtempSync(join(tmpdir(), 'davylamp-gpu-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SIMULATED: readonly (readonly [label: string, workload: Workload])[] = [
  ['pow_hash_gpu', hashPowMemoryHard],
  ['pow_hash_gpu', hashPowComputeBound],
  ['pow_matmul_gpu', matmulPow],
  ['ai_training', trainingDataParallel],
  ['ai_inference', inferenceInt8],
];

/** A minute of a simulated machine, as a recording of a GPU is written: 8 s of warm-up without a label. */
async function write(id: string, label: string, workload: Workload, seed: number): Promise<void> {
  const machine = machineOf(workload, HARDWARE.h100x8, seed);
  const tape = new Tape();
  for (let second = 0; second < 60; second++) {
    machine.second(NOON_MS + second * 1000);
    tape.add(second, second < 8 ? '' : label, machine.rows);
  }
  const entry = {
    id,
    kind: 'node' as const,
    file: `node/${id}.csv.gz`,
    rows: tape.rows,
    labels: tape.labels,
    device: 'simulated',
    interval_ms: 1000,
    note: 'simulated',
    licence: 'none',
    family: workload.name,
    recorded: '2026-01-01T00:00:00.000Z',
    command: '',
    marks: { start_s: 0, steady_s: 8, end_s: 59 },
    ended: 'complete',
    machine: machineFacts(),
  };
  await keepTraces(folder, id, [{ entry, csv: tape.csv() }]);
}

beforeAll(async () => {
  for (const [label, workload] of SIMULATED)
    for (const seed of [1, 2]) await write(`${workload.name}-${seed}`, label, workload, seed);
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
});
