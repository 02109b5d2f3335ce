import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examineSources } from '#services/agent/app.ts';
import { checkGpus } from '#services/cli/checks/machine.ts';
import { temporaryFolder } from '../tree.ts';
import { useStub } from './world.ts';

const stub = useStub();
const check = async (nvmlLibrary = stub.path, nvidiaSmi = '/no/such/program') =>
  checkGpus(await examineSources({ nvmlLibrary, nvidiaSmi }));

test('is content with a GPU that says everything', async () => {
  stub.set('gpus', 1);
  expect(await check()).toEqual({
    name: 'GPUs',
    state: 'ok',
    detail: '1 GPU by NVML, driver 580.00',
    advice: '',
  });
});

test('names what the GPUs do not say', async () => {
  stub.set('hopper.1', 0);
  stub.set('error.field82', 3);
  const { state, detail, advice } = await check();
  expect(state).toBe('warn');
  expect(detail).toMatch(
    /^8 GPUs by NVML, driver 580\.00; absent: gpu_sm_active_ratio, .*, gpu_memory_temperature_celsius$/,
  );
  expect(advice).toContain('services/agent/README.md');
});

test('says that confidential computing hides the activities', async () => {
  stub.set('cc', 1);
  expect((await check()).detail).toMatch(/confidential computing hides gpu_sm_active_ratio/);
});

test('says why no GPU can be read', async () => {
  expect(await check('libno-such.so')).toMatchObject({
    state: 'ok',
    detail: 'none: neither libno-such.so nor /no/such/program is here',
  });
  stub.set('init', 9);
  expect((await check()).detail).toMatch(
    /^none: .* expected a running NVIDIA driver, got DRIVER_NOT_LOADED$/,
  );
});

test('says that nvidia-smi stands in', async () => {
  const smi = join(temporaryFolder(), 'nvidia-smi');
  writeFileSync(smi, '#!/bin/sh\n');
  chmodSync(smi, 0o755);
  const { state, detail } = await check('libno-such.so', smi);
  expect(state).toBe('warn');
  expect(detail).toContain(`${smi}, because libno-such.so cannot be loaded`);
});
