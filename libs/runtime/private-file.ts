import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What SQLite keeps beside a database; new ones get the mode of the database. */
const BESIDE = ['', '-wal', '-shm'];

/** Makes a folder that its owner alone may enter. One that is there stays as it is: it may be shared on purpose. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
}

/**
 * Makes sure, before a database is opened, that its owner alone reads it: it holds hashes of passwords and sessions. A
 * new one is made empty, with its folder; one that is there already, also of an earlier version, loses its other readers.
 * @throws the system's error where the folder or the file cannot be made.
 */
export function makePrivateDatabase(path: string): void {
  makePrivateFolder(dirname(path));
  unless('EEXIST', () => closeSync(openSync(path, 'wx', FILE_MODE)));
  // EPERM: it belongs to another user, who decides.
  for (const end of BESIDE)
    unless('EPERM', () => unless('ENOENT', () => chmodSync(`${path}${end}`, FILE_MODE)));
}

function unless(code: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}
