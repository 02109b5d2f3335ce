import { access, constants } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { ProgramMissingError } from './server.ts';

/** Sends `request` to a port of this machine; the first bytes of the answer, or undefined without one in `timeoutMs`. */
export function exchange(
  port: number,
  request: string | Buffer,
  timeoutMs = 2000,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (answer?: Buffer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish());
    socket.once('connect', () => socket.write(request));
    socket.once('data', finish);
    socket.once('error', () => finish());
    socket.once('close', () => finish());
  });
}

/** Whether something listens on a port of this machine. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/** Whether a GET of `url` answers with a 2xx status within two seconds. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false; // refused, reset or too slow all mean the same: not ready yet
  }
}

/** Full path of an executable in `directories` or on PATH; throws `ProgramMissingError` when there is none. */
export async function requireProgram(name: string, directories: readonly string[] = []): Promise<string> {
  const onPath = (process.env.PATH ?? '').split(delimiter);
  // Debian puts servers into sbin folders, which are on the PATH of root alone.
  for (const directory of [...directories, ...onPath, '/usr/sbin', '/usr/local/sbin']) {
    const path = join(directory, name);
    if (await canExecute(path)) return path;
  }
  throw new ProgramMissingError(`no program ${name} on this machine`);
}

async function canExecute(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent and forbidden alike cannot be run
  }
}

/** Asks `holds` every 50 ms until it says yes (true) or `timeoutMs` has passed (false). */
export async function eventually(
  holds: () => Promise<boolean> | boolean,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
