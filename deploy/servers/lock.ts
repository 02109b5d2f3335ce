import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { eventually } from './probe.ts';
import { isAlive } from './process.ts';
import { ServerUnavailableError } from './server.ts';

/** Runs `work` while no other process holds the lock file `path`; a lock of a dead process is taken over. */
export async function underLock<T>(path: string, work: () => Promise<T>, timeoutMs = 300_000): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  if (!(await eventually(() => acquire(path), timeoutMs))) {
    throw new ServerUnavailableError(
      `${path} is held by process ${await holder(path)} for ${timeoutMs / 1000} s`,
    );
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const pid = await holder(path);
    if (pid > 0 && !(await isAlive(pid))) await rm(path, { force: true });
    return false;
  }
}

const holder = async (path: string): Promise<number> => Number(await readFile(path, 'utf8').catch(() => '0'));
