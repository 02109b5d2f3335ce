import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { type Member, memberOf } from './manifest.ts';

/** In the archive: everything of the data folder that is no store of a port, and the agent's folder. */
const DATA = 'data';
const AGENT = 'agent';
/** Copied by their ports; a process id, and a lock; what Node compiled, which it does again. */
const LEFT_OUT =
  /^(ledger|series|bus)\.db$|-(wal|shm|journal)$|^davylamp\.(pid|lock)$|^compiled$|^\.restore-/;
const ALL_PAGES = 2 ** 31 - 1;

export interface Folders {
  readonly dataDir: string;
  /** The agent's; within `dataDir` or elsewhere. */
  readonly stateDir: string;
}

/** Copies keys, certificates, spools and other databases, as they are now. Torn ends of spools are made for that. */
export async function dumpFiles({ dataDir, stateDir }: Folders, folder: string): Promise<readonly Member[]> {
  const agent = resolve(stateDir);
  const data = await copyTree(resolve(dataDir), join(folder, DATA), (path) => path !== agent);
  const state = await copyTree(agent, join(folder, AGENT), () => true);
  const paths = [...data.map((path) => join(DATA, path)), ...state.map((path) => join(AGENT, path))];
  return await Promise.all(paths.map((path) => memberOf(folder, path, null)));
}

/** Puts them back, readable by their owner alone. */
export async function loadFiles({ dataDir, stateDir }: Folders, folder: string, members: readonly Member[]) {
  for (const { path } of members) {
    const [top, ...rest] = path.split('/');
    const root = top === DATA ? dataDir : top === AGENT ? stateDir : null;
    if (root === null) continue;
    const target = join(root, ...rest);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await copyFile(join(folder, path), target);
    await chmod(target, 0o600);
  }
}

/** @returns the files of a folder that {@link loadFiles} would replace. */
export async function presentFiles({ dataDir, stateDir }: Folders): Promise<readonly string[]> {
  const [data, agent] = await Promise.all([listTree(resolve(dataDir)), listTree(resolve(stateDir))]);
  return [...data, ...agent];
}

/** A consistent copy of a database that others are writing to, in one step, so that it never begins anew. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const database = new DatabaseSync(from, { readOnly: true });
  try {
    await backup(database, to, { rate: ALL_PAGES });
  } finally {
    database.close();
  }
  await chmod(to, 0o600);
}

/** @returns the paths copied, relative to the folder */
async function copyTree(from: string, to: string, isWanted: (path: string) => boolean): Promise<string[]> {
  const copied: string[] = [];
  for (const file of await listTree(from, isWanted)) {
    const path = relative(from, file);
    await mkdir(dirname(join(to, path)), { recursive: true });
    if (path.endsWith('.db')) await copyDatabase(file, join(to, path));
    else if (!(await copyIfThere(file, join(to, path)))) continue;
    copied.push(path);
  }
  return copied;
}

/** False where the file has gone in between: a spool removes what was sent. */
async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function listTree(folder: string, isWanted: (path: string) => boolean = () => true): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (LEFT_OUT.test(entry.name) || !isWanted(path)) continue;
    if (entry.isDirectory()) files.push(...(await listTree(path, isWanted)));
    else if (entry.isFile()) files.push(path);
  }
  return files;
}
