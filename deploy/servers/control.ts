import { join } from 'node:path';
import { daemonPid, endDaemon, lastLogLine, launchDaemon } from './daemon.ts';
import { underLock } from './lock.ts';
import { eventually, isTaken } from './probe.ts';
import { homeOf, ProgramMissingError, type Server, ServerUnavailableError } from './server.ts';

/** How long a server may take from launch to its first answer. */
const startTimeoutMs = 60_000;

export interface Status {
  name: string;
  port: number;
  state: 'up' | 'starting' | 'down';
  pid?: number;
}

/**
 * Brings a server up with the data it had, and returns when it serves requests.
 * Throws `ProgramMissingError` or `ServerUnavailableError` when it cannot.
 */
export function start(server: Server): Promise<'started' | 'already up'> {
  return underLock(join(homeOf(server.name), 'lock'), async () => {
    const home = homeOf(server.name);
    const wasUp = (await daemonPid(home)) !== undefined;
    if (!wasUp) await launch(server, home);
    await becomeReady(server, home);
    return wasUp ? 'already up' : 'started';
  });
}

/** Why a start failed, with what to install where that helps. */
export function whyNot(server: Server, error: unknown): string {
  const { message } = error as Error;
  return error instanceof ProgramMissingError ? `${message}: ${server.install}` : message;
}

/** Ends a server as its operator would; its data stays. */
export const stop = (server: Server): Promise<void> => end(server, server.stopSignal);

/** Ends a server as a power cut would (SIGKILL); its data stays as it lies. */
export const kill = (server: Server): Promise<void> => end(server, 'SIGKILL');

/** Process id of a server that was started here, or undefined. */
export const pidOf = (server: Server): Promise<number | undefined> => daemonPid(homeOf(server.name));

export async function statusOf(server: Server): Promise<Status> {
  const { name, port } = server;
  const pid = await pidOf(server);
  if (pid === undefined) return { name, port, state: 'down' };
  return { name, port, state: (await server.isReady()) ? 'up' : 'starting', pid };
}

async function launch(server: Server, home: string): Promise<void> {
  if (await isTaken(server.port)) {
    throw new ServerUnavailableError(
      `port ${server.port} belongs to another program: end it, or set DAVYLAMP_SERVERS_PORT_BASE`,
    );
  }
  await launchDaemon(home, await server.prepare(home));
}

async function becomeReady(server: Server, home: string): Promise<void> {
  let isRunning = true;
  const settled = await eventually(async () => {
    isRunning = (await daemonPid(home)) !== undefined;
    return !isRunning || server.isReady();
  }, startTimeoutMs);
  if (settled && isRunning) return;
  const what = isRunning ? `gives no answer after ${startTimeoutMs / 1000} s` : 'ended while starting';
  throw new ServerUnavailableError(`${what}: ${await lastLogLine(home)} (log: .servers/${server.name}/log)`);
}

/** The port is free again on return, so that the next start finds it so. */
async function end(server: Server, signal: NodeJS.Signals): Promise<void> {
  const home = homeOf(server.name);
  if ((await daemonPid(home)) === undefined) return;
  await endDaemon(home, signal);
  await eventually(async () => !(await isTaken(server.port)), 5000);
}
