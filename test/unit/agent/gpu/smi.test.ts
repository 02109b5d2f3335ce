import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SMI_QUERY } from '#services/agent/collect/gpu/smi-line.ts';
import { temporaryFolder } from '../tree.ts';
import { type GpuWorld, gauge, gpuWorld, useStub, uuids } from './world.ts';

const SCRIPT = join(import.meta.dirname, '../../../fixtures/nvml/nvidia-smi.sh');
const stub = useStub();
const line = (index: number, watts: number) =>
  `${index}, GPU-${index}, 100, 1000, ${watts}, 50, 20, 40, 1000, 2000, 300, 300, 1500, 2500, 4, 16\n`;

/** A program that says these lines again and again, in a folder of its own. */
function program(lines: string, times?: number) {
  const folder = temporaryFolder();
  const path = join(folder, 'nvidia-smi');
  copyFileSync(SCRIPT, path);
  writeFileSync(join(folder, 'LINES'), lines);
  if (times !== undefined) writeFileSync(join(folder, 'TIMES'), String(times));
  const starts = () => {
    const told = join(folder, 'ARGUMENTS');
    return existsSync(told) ? readFileSync(told, 'utf8').trimEnd().split('\n') : [];
  };
  return { path, starts, say: (text: string) => writeFileSync(join(folder, 'LINES'), text) };
}

/** Samples until `done`, at the times given by `at`; fails after five seconds. */
async function until(world: GpuWorld, at: () => number, done: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error('expected it to happen within 5 s');
    world.sample(at());
    await sleep(20);
  }
}

test('takes GPUs from one long-lived nvidia-smi where there is no library', async () => {
  const { path, starts } = program(line(0, 250.5) + line(1, 251));
  const world = gpuWorld('libno-such-library.so', path);
  let at = 0;
  let frame = world.frame(at);
  await until(
    world,
    () => at,
    () => {
      at += 0.05;
      frame = world.finish(at);
      return !Number.isNaN(gauge(frame, 1, 'gpu_power_watts') ?? Number.NaN);
    },
  );
  expect(uuids(frame)).toEqual([
    [0, 'GPU-0'],
    [1, 'GPU-1'],
  ]);
  expect(gauge(frame, 1, 'gpu_power_watts')).toBe(251);
  expect(gauge(frame, 1, 'gpu_memory_used_ratio')).toBeCloseTo(0.1, 6);
  expect(starts()).toEqual([`--query-gpu=${SMI_QUERY} --format=csv,noheader,nounits --loop-ms=1000`]);
});

test('starts it again when it ends, waiting longer each time', async () => {
  const { path, starts } = program(line(0, 250), 1);
  const world = gpuWorld('libno-such-library.so', path);
  const ended = (times: number) => () => starts().length === times;
  await until(world, () => 0, ended(1));
  await sleep(300);
  // Not before a second has passed; then not before two more.
  world.sample(0.9);
  await until(world, () => 1, ended(2));
  await sleep(300);
  world.sample(2.9);
  await sleep(100);
  expect(starts()).toHaveLength(2);
  await until(world, () => 3, ended(3));
  expect(world.counters.value('agent_smi_starts_total')).toBe(3);
});

test('ends it when it says nothing that can be read', async () => {
  const { path, starts, say } = program(line(0, 250));
  const world = gpuWorld('libno-such-library.so', path);
  await until(
    world,
    () => 0,
    () => uuids(world.finish(0)).length === 1,
  );
  say('[Unknown Error], [Unknown Error]\n');
  await sleep(200);
  world.sample(1);
  expect(gauge(world.finish(1), 0, 'gpu_power_watts')).not.toBe(0);
  world.sample(2);
  world.sample(20);
  await sleep(100);
  await until(
    world,
    () => 21,
    () => starts().length === 2,
  );
  expect(world.counters.value('agent_smi_unreadable_lines_total')).toBeGreaterThan(0);
  expect(gauge(world.finish(22), 0, 'gpu_power_watts')).toBeNaN();
});

test('is not started where the library is there, driver or not', async () => {
  stub.set('init', 9);
  const { path, starts } = program(line(0, 250));
  const world = gpuWorld(stub.path, path);
  world.frame(0, 1);
  await sleep(200);
  expect(starts()).toEqual([]);
  expect(world.counters.value('agent_source_failures_total', { source: 'nvidia_smi' })).toBe(0);
});

test('is absent where neither is there', () => {
  const world = gpuWorld('libno-such-library.so', 'no-such-nvidia-smi');
  expect(uuids(world.frame(0, 1))).toEqual([]);
  expect(world.counters.value('agent_source_present', { source: 'nvidia_smi' })).toBe(0);
  expect(world.counters.value('agent_source_failures_total', { source: 'nvidia_smi' })).toBe(0);
});
