import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { ConfigError } from '#libs/runtime/errors.ts';
import { makePrivateFolder } from '#libs/runtime/private-file.ts';

/**
 * Takes a data directory for this process. A lock whose process is gone is taken over.
 * @throws ConfigError when a living process holds it.
 */
export async function holdLock(dataDir: string): Promise<AsyncDisposable> {
  makePrivateFolder(dataDir);
  const path = join(dataDir, 'davylamp.pid');
  try {
    await writeFile(path, `${process.pid}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(await readFile(path, 'utf8'));
    if (isAlive(holder)) {
      throw new ConfigError(
        `${dataDir}: expected a data directory of our own, process ${holder} uses it; stop it, or set DAVYLAMP_DATA_DIR`,
      );
    }
    await writeFile(path, `${process.pid}\n`);
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
