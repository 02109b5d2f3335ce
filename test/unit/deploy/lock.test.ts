import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { underLock } from '#deploy/servers/lock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('lets one at a time in', async () => {
  const path = join(folder, 'lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside -= 1;
    return most;
  };

  const seen = await Promise.all([1, 2, 3].map(() => underLock(path, work)));

  expect(seen).toEqual([1, 1, 1]);
});

test('frees the lock when the work fails', async () => {
  const path = join(folder, 'lock');
  const failing = underLock(path, async () => {
    throw new Error('broken');
  });

  await expect(failing).rejects.toThrow('broken');
  await expect(underLock(path, async () => 'free')).resolves.toBe('free');
});

test('takes over the lock of a process that is gone', async () => {
  const path = join(folder, 'lock');
  const beyondEveryPid = 2 ** 30;
  await writeFile(path, String(beyondEveryPid));

  await expect(underLock(path, async () => 'mine')).resolves.toBe('mine');
});

test('gives up on a lock that is held too long, and names its holder', async () => {
  const path = join(folder, 'lock');
  await writeFile(path, String(process.pid));

  await expect(underLock(path, async () => 'never', 100)).rejects.toThrow(`held by process ${process.pid}`);
});
