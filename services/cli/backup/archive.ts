import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { create, extract } from 'tar';
import { ArchiveError, ConfigError, ConflictError } from '#libs/runtime/errors.ts';
import type { Folders } from './files.ts';
import { MANIFEST } from './manifest.ts';

/** A folder of its own beside the place where its content is to go; removed with the stack. */
export async function scratchFolder(parent: string, stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(parent, '.restore-'));
  // An archive that breaks off may still be writing its last file.
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** Packs a folder, the manifest first. The file appears whole or not at all; it holds keys: its owner alone reads it. */
export async function pack(folder: string, paths: readonly string[], file: string): Promise<void> {
  const partial = `${file}.partial`;
  await create({ file: partial, cwd: folder, gzip: { level: 1 }, portable: true, mode: 0o600 }, [
    MANIFEST,
    ...paths,
  ]);
  await rename(partial, file);
}

/** @throws ArchiveError for what is no archive, or a damaged one. */
export async function unpack(file: string, folder: string): Promise<void> {
  try {
    await extract({ file, cwd: folder, strict: true });
  } catch (cause) {
    throw new ArchiveError(`${file}: expected a whole .tar.gz that davylamp wrote`, { cause });
  }
}

/** Where the archive is to be: its folder. */
export const folderOf = (file: string): string => dirname(file);

/**
 * Looks at where an archive is to be written, before anything is.
 * @throws ConfigError within a folder that is backed up: it would take the place of what is there, or be packed into the
 * next; ConflictError where a file is there already, without `force`.
 */
export function assertTarget(file: string, { dataDir, stateDir }: Folders, force: boolean): void {
  for (const folder of [dataDir, stateDir]) {
    if (!`${real(file)}${sep}`.startsWith(`${real(folder)}${sep}`)) continue;
    throw new ConfigError(
      `${file}: expected a file outside of ${folder}, which is backed up; name another place`,
    );
  }
  if (existsSync(file) && !force) {
    throw new ConflictError(
      `${file}: expected a file that is not there yet; name another, or --force replaces it`,
    );
  }
}

/** Without symbolic links, as far as the path is there. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(resolve(path));
  return parent === path ? path : join(real(parent), basename(path));
}
