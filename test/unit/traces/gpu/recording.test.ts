import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Recording } from '#services/cli/record/run.ts';
import { recordOnGpu } from '#test/fixtures/traces/gpu/recording.ts';
import { listedIds } from '#test/fixtures/traces/listed.ts';
import { loadNvmlStub, type NvmlStub } from '#test/support/nvml-stub.ts';

const NEVER = new AbortController().signal;
const scratch = mkdtempSync(join(tmpdir(), 'davylamp-gpu-recording-'));
let stub: NvmlStub;
beforeAll(() => {
  stub = loadNvmlStub();
});
afterAll(() => {
  stub[Symbol.dispose]();
  rmSync(scratch, { recursive: true, force: true });
});

function recording(id: string, script: string): Recording {
  return {
    id,
    out: join(scratch, id),
    label: 'hpc',
    hz: 10,
    lengths: { warmUp: 1, steady: 1, coolDown: 0 },
    command: ['sh', '-c', script],
    env: { ...process.env },
    flows: 'none',
    flowLabels: new Map(),
    replace: true,
    note: 'a test',
    licence: 'none stated',
  };
}

const recorded = (one: Recording) =>
  recordOnGpu(one, scratch, { nvmlLibrary: stub.path, nvidiaSmi: '/no/such/program' }, NEVER);

test('work that begins late is recorded again with a longer warm-up, and what it said is kept', async () => {
  const one = recording('late', 'sleep 1; : > "$TRACE_READY"; echo bf16 instead > "$TRACE_SAID"; sleep 60');
  const entry = await recorded(one);
  expect(entry?.ended).toBe('complete');
  expect(entry?.marks.steady_s).toBeGreaterThan(3);
  expect(readFileSync(join(one.out, 'said.txt'), 'utf8')).toContain('late: bf16 instead');
  expect(existsSync(join(one.out, '1hz/node/late.csv.gz'))).toBe(true);
}, 30_000);

test('work that never begins is not listed as recorded', async () => {
  const one = recording('never', 'sleep 60');
  await expect(recorded(one)).rejects.toThrow('expected work within 1 s');
  expect(listedIds(one.out)).toEqual(new Set());
}, 30_000);

test('a program that fails at once costs little time, and what it said is told', async () => {
  const one = recording('failed', 'echo no such device >&2; exit 1');
  const slow = { ...one, lengths: { warmUp: 20, steady: 20, coolDown: 0 } };
  const begunMs = Date.now();
  await expect(recorded(slow)).rejects.toThrow('no such device');
  expect(Date.now() - begunMs).toBeLessThan(10_000);
  expect(listedIds(join(one.out, '1hz'))).toEqual(new Set());
}, 30_000);
