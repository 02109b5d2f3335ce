import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { create, extract } from 'tar';
import { ArchiveError } from '#libs/runtime/errors.ts';
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
