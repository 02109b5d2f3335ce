import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdData, useData } from '#libs/runtime/data-lock.ts';
import { ConfigError } from '#libs/runtime/errors.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'davylamp-lock-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

/** Another process that holds the directory, and tells so. */
async function holder(use: 'beside' | 'pipeline' | 'alone') {
  const source = `
    import { holdData } from '#libs/runtime/data-lock.ts';
    holdData(${JSON.stringify(dataDir)}, '${use}'); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('one pipeline at a time, services of their own beside it, and restoring alone', async () => {
  const goes = (use: 'beside' | 'pipeline' | 'alone') => {
    try {
      holdData(dataDir, use)[Symbol.dispose]();
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return false;
    }
  };
  const f = async (
    held: 'beside' | 'pipeline' | 'alone',
    beside: boolean,
    pipeline: boolean,
    alone: boolean,
  ) => {
    await using _ = await holder(held);
    expect([goes('beside'), goes('pipeline'), goes('alone')], held).toEqual([beside, pipeline, alone]);
  };
  await f('beside', true, true, false);
  await f('pipeline', true, false, false);
  await f('alone', false, false, false);
  expect(goes('alone'), 'all of them were killed').toBe(true);
});

test('who is refused is told which pipeline has it', async () => {
  await using pipeline = await holder('pipeline');
  expect(() => holdData(dataDir, 'pipeline')).toThrow(
    `${dataDir}: expected a data directory of our own, process ${pipeline.pid} uses it; stop it, or set DAVYLAMP_DATA_DIR`,
  );
});

test('a process id that a crash left, and that another process has now, is in nobody’s way', async () => {
  await writeFile(join(dataDir, 'davylamp.pid'), `${process.ppid}\n`);
  holdData(dataDir, 'pipeline')[Symbol.dispose]();
  expect(await readdir(dataDir)).toEqual(['davylamp.lock']);
});

test('a service on servers leaves the folder alone; one that cannot be written to stops the others', async () => {
  const servers = { bus: 'kafka', series: 'influx', ledger: 'postgres' };
  expect(useData({ dataDir: '/dev/null/data', ...servers })).toBeNull();
  expect(() => useData({ dataDir: '/dev/null/data', ...servers, bus: 'embedded' })).toThrow(
    'dataDir: expected a folder that can be written to, got /dev/null/data',
  );
});
