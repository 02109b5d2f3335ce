import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NODE_LABELS } from '#services/cli/record/labels.ts';
import { gpuLengths, onCpu } from '#test/fixtures/traces/gpu/recording.ts';
import { GPU_WORKLOADS } from '#test/fixtures/traces/gpu/workloads.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/traces/gpu');
const python = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.py'))
  .map((name) => readFileSync(join(FOLDER, name), 'utf8'))
  .join('\n');
const cuda = readFileSync(join(FOLDER, 'hash.cu'), 'utf8');
const labelled = (...labels: readonly string[]) =>
  GPU_WORKLOADS.filter(({ label }) => labels.includes(label));

test('there are as many as both parts ask for, each with a name of its own', () => {
  expect(new Set(GPU_WORKLOADS.map(({ name }) => name)).size).toBe(GPU_WORKLOADS.length);
  const serving = labelled('pow_matmul_gpu', 'ai_inference').length;
  expect(
    serving + GPU_WORKLOADS.filter(({ family }) => /dual-use|8-bit/.test(family)).length,
  ).toBeGreaterThanOrEqual(20);
  expect(
    labelled('pow_hash_gpu', 'ai_training', 'render', 'hpc', 'idle', 'mixed').length,
  ).toBeGreaterThanOrEqual(24);
});

test.each(GPU_WORKLOADS)(
  '$name has a known label, and its program knows its name',
  ({ name, label, duty, hz, command }) => {
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(NODE_LABELS).toContain(label);
    expect(duty >= 0 && duty <= 1).toBe(true);
    expect(hz).toBe(10);
    const [program, ...args] = command;
    if (program === 'hash') expect(cuda).toContain(`name == "${args[0]}"`);
    if (program === 'python3')
      expect(python).toContain(`"${args[1]?.replace(/-(int8|fp8|bf16)-/, '-{kind}-')}"`);
  },
);

test('the first eight have every kind that is to be told apart', () => {
  const first = new Set(GPU_WORKLOADS.slice(0, 8).map(({ label }) => label));
  for (const label of ['pow_hash_gpu', 'pow_matmul_gpu', 'ai_training', 'ai_inference'])
    expect(first).toContain(label);
});

test('every recording has 30 s of steady work and a warm-up', () => {
  for (const workload of GPU_WORKLOADS) {
    const { warmUp, steady } = gpuLengths(workload, false);
    expect(steady).toBeGreaterThanOrEqual(30);
    expect(warmUp).toBeGreaterThanOrEqual(5);
  }
});

test('without a GPU everything is small and on the processor, also what runs beside', () => {
  for (const workload of GPU_WORKLOADS) {
    const command = onCpu(workload).command.join(' ');
    if (command.includes('work.py')) expect(command).toContain('--device cpu --tiny');
    expect(command).not.toMatch(/--gib [1-9]/);
  }
});
