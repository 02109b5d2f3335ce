import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError } from './errors.ts';
import { makePrivateDatabase } from './private-file.ts';

/**
 * How a process uses a data directory.
 *
 * - `beside`: a service among others.
 * - `pipeline`: all services in one process; one such at a time, services of their own may be beside it.
 * - `alone`: nobody else, while databases are replaced.
 */
type Use = 'beside' | 'pipeline' | 'alone';

/** What of a service's settings says whether it keeps anything in its data directory. */
interface Embeddable {
  readonly dataDir: string;
  readonly bus?: string;
  readonly series?: string;
  readonly ledger?: string;
}

/** SQLite's own locks, in a database that stays empty: SHARED, RESERVED and EXCLUSIVE are just these three. */
const TAKE: Readonly<Record<Use, string>> = {
  beside: 'BEGIN; SELECT count(*) FROM sqlite_schema',
  pipeline: 'BEGIN IMMEDIATE',
  alone: 'BEGIN EXCLUSIVE',
};
/** Stays when it is let go of: who removed it could take it from under one who waits for it. */
const LOCK_FILE = 'davylamp.lock';
/** Tells people which process it is; it locks nothing. */
const PID_FILE = 'davylamp.pid';
/** SQLITE_BUSY. */
const BUSY = 5;

/**
 * Takes a data directory for this process. The kernel lets go of it however the process ends, so nothing stale can stay.
 * @throws ConfigError while another process uses it in a way that does not go with this one, or where it cannot be written.
 */
export function holdData(dataDir: string, use: Use): Disposable {
  const database = opened(dataDir);
  try {
    database.exec(TAKE[use]);
  } catch (cause) {
    database.close();
    if (((cause as { errcode?: number }).errcode ?? 0) === BUSY) throw inUse(dataDir, use, cause);
    throw cause;
  }
  if (use === 'beside') return { [Symbol.dispose]: () => database.close() };
  const pidFile = join(dataDir, PID_FILE);
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    [Symbol.dispose]() {
      rmSync(pidFile, { force: true });
      database.close();
    },
  };
}

/** Of a service that runs by itself. Without embedded stores it has no use for the folder: null. @throws ConfigError */
export function useData(settings: Embeddable): Disposable | null {
  const { bus, series, ledger } = settings;
  return [bus, series, ledger].includes('embedded') ? holdData(settings.dataDir, 'beside') : null;
}

function opened(dataDir: string): DatabaseSync {
  const path = join(dataDir, LOCK_FILE);
  try {
    makePrivateDatabase(path);
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw new ConfigError(`dataDir: expected a folder that can be written to, got ${dataDir}`, { cause });
  }
}

function inUse(dataDir: string, use: Use, cause: unknown): ConfigError {
  const expected = use === 'alone' ? 'a data directory that nothing runs on' : 'a data directory of our own';
  return new ConfigError(
    `${dataDir}: expected ${expected}, ${holder(dataDir)} uses it; stop it, or set DAVYLAMP_DATA_DIR`,
    { cause },
  );
}

/** By the file, where it is of a process that lives: a service beside it leaves none, and a crash leaves its own. */
function holder(dataDir: string): string {
  try {
    const pid = Number(readFileSync(join(dataDir, PID_FILE), 'utf8'));
    process.kill(pid, 0);
    return `process ${pid}`;
  } catch {
    return 'another process';
  }
}
