import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { daemonPid, endDaemon, lastLogLine, launchDaemon } from '#deploy/servers/daemon.ts';
import { eventually } from '#deploy/servers/probe.ts';
import { isAlive } from '#deploy/servers/process.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'davylamp-daemon-'));
});
afterEach(async () => {
  await endDaemon(home, 'SIGKILL');
  await rm(home, { recursive: true });
});

const shell = (script: string) => launchDaemon(home, { command: '/bin/sh', args: ['-c', script] });

test('knows the daemon of a folder while it runs, and ends it', async () => {
  const pid = await shell('exec sleep 60');
  expect(await daemonPid(home)).toBe(pid);

  await endDaemon(home, 'SIGTERM');

  expect(await isAlive(pid)).toBe(false);
  expect(await daemonPid(home)).toBeUndefined();
});

test('kills a daemon that does not heed its signal in time', async () => {
  const pid = await shell('trap "" TERM; echo deaf; while :; do sleep 0.1; done');
  expect(await eventually(async () => (await lastLogLine(home)) === 'deaf', 5000)).toBe(true);

  await endDaemon(home, 'SIGTERM', 200);

  expect(await isAlive(pid)).toBe(false);
});

test('takes a reused process id for what it is: not the daemon', async () => {
  const stale = { pid: process.pid, startedTicks: '1' };
  await writeFile(join(home, 'pid'), JSON.stringify(stale));

  expect(await daemonPid(home)).toBeUndefined();
  await endDaemon(home, 'SIGKILL'); // would end this very test otherwise
});

test('says what a daemon said last', async () => {
  expect(await lastLogLine(home)).toBe('it wrote nothing');
  await shell('echo one; echo two >&2');

  expect(await eventually(async () => (await lastLogLine(home)) === 'two', 5000)).toBe(true);
});
