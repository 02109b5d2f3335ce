import { spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './probe.ts';
import { isAlive, startTicks } from './process.ts';
import type { Launch } from './server.ts';

interface Birth {
  pid: number;
  startedTicks: string | undefined;
}

/** Starts a command in its own session, so that it outlives the caller; output goes to `log`. Returns its process id. */
export async function launchDaemon(home: string, launch: Launch): Promise<number> {
  await mkdir(home, { recursive: true });
  await using log = await open(join(home, 'log'), 'a');
  const child = spawn(launch.command, launch.args, {
    cwd: home,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid as number));
  });
  child.unref();
  const birth: Birth = { pid, startedTicks: await startTicks(pid) };
  await writeFile(join(home, 'pid'), JSON.stringify(birth));
  return pid;
}

/** Process id of the daemon that was launched from `home` and still runs, or undefined. */
export async function daemonPid(home: string): Promise<number | undefined> {
  const text = await readFile(join(home, 'pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const birth = JSON.parse(text) as Birth;
  const same = (await isAlive(birth.pid)) && (await startTicks(birth.pid)) === birth.startedTicks;
  return same ? birth.pid : undefined;
}

/** Signals the daemon of `home` and waits until it is gone; SIGKILL follows after `graceMs`. */
export async function endDaemon(home: string, signal: NodeJS.Signals, graceMs = 20_000): Promise<void> {
  const pid = await daemonPid(home);
  if (pid !== undefined) {
    process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
    const gone = async () => !(await isAlive(pid));
    if (!(await eventually(gone, graceMs))) {
      process.kill(-pid, 'SIGKILL');
      await eventually(gone, 5000);
    }
  }
  await rm(join(home, 'pid'), { force: true });
}

/** The last non-empty line of the daemon's output, for messages to people. */
export async function lastLogLine(home: string): Promise<string> {
  const text = await readFile(join(home, 'log'), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').at(-1) || 'it wrote nothing';
}
