import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Environment } from './process.ts';

const run = promisify(execFile);

/** A network namespace with a line to ours: to the programs in it, another machine. */
export interface Namespace extends AsyncDisposable {
  /** Our end of the line, as the other machine sees us. */
  readonly here: string;
  /** Runs a line of shell there, in a process group of its own, under another host name. */
  spawn(line: string, hostname: string, env: Environment): OtherProcess;
}

export interface OtherProcess extends AsyncDisposable {
  readonly output: string;
  /** SIGTERM to the whole group; resolves when it has ended. */
  stop(): Promise<void>;
}

/** @returns why there is none, where it is not permitted. */
export async function openNamespace(): Promise<Namespace | string> {
  const id = randomBytes(3).toString('hex');
  const name = `davylamp-${id}`;
  // An address of its own for each run, out of the block for tests of devices (RFC 2544).
  const net = `198.18.${randomBytes(1)[0]}`;
  const ip = (...words: string[]) => run('ip', words);
  try {
    await ip('netns', 'add', name);
    await ip('link', 'add', `dl${id}a`, 'type', 'veth', 'peer', 'name', `dl${id}b`, 'netns', name);
    await ip('addr', 'add', `${net}.1/30`, 'dev', `dl${id}a`);
    await ip('link', 'set', `dl${id}a`, 'up');
    await ip('-n', name, 'addr', 'add', `${net}.2/30`, 'dev', `dl${id}b`);
    await ip('-n', name, 'link', 'set', `dl${id}b`, 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    await run('ip', ['netns', 'exec', name, 'unshare', '--uts', 'hostname', 'probe']);
  } catch (error) {
    await ip('netns', 'del', name).catch(() => undefined);
    return `a network namespace: ${(error as Error).message.trim()}`;
  }
  return {
    here: `${net}.1`,
    spawn: (line, hostname, env) =>
      started(
        ['netns', 'exec', name, 'unshare', '--uts', 'sh', '-c', `hostname ${hostname} && ${line}`],
        env,
      ),
    // The pair goes with one of its ends.
    [Symbol.asyncDispose]: async () => {
      await ip('netns', 'del', name);
    },
  };
}

function started(words: readonly string[], env: Environment): OtherProcess {
  const child = spawn('ip', words, {
    detached: true,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const end = (signal: NodeJS.Signals) => endGroup(child, signal);
  return {
    get output() {
      return output;
    },
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}

async function endGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  process.kill(-child.pid, signal);
  await ended;
}
