import { execFile } from 'node:child_process';
import { access, chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { eventually, requireProgram } from './probe.ts';
import { isListed } from './process.ts';
import { type Launch, portAt, type Server, ServerUnavailableError } from './server.ts';

const run = promisify(execFile);
const port = portAt(432);
const url = `postgres://davylamp@127.0.0.1:${port}/postgres`;

/** PostgreSQL with durable defaults; anyone on this machine may log in as its superuser `davylamp`. */
export const postgresql: Server = {
  name: 'postgresql',
  port,
  install: 'apt-get install postgresql',
  stopSignal: 'SIGINT', // fast shutdown: SIGTERM would wait for every client to leave
  async prepare(home) {
    const programs = await debianProgramFolders();
    const initdb = await requireProgram('initdb', programs);
    const postgres = await requireProgram('postgres', programs);
    const data = join(home, 'data');
    await mkdir(data, { recursive: true, mode: 0o700 });
    if (process.getuid?.() === 0) await giveTo('postgres', data);
    await predecessorIsGone(data);
    if (!(await isInitialised(data))) {
      const format = ['-D', data, '-U', 'davylamp', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'];
      const { command, args } = await unprivileged(initdb, format);
      await run(command, args);
    }
    const listen = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
    return unprivileged(postgres, ['-D', data, '-p', String(port), ...listen]);
  },
  async isReady() {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch {
      return false; // refused or still recovering: not ready yet
    } finally {
      await client.end();
    }
  },
  env: () => ({ DAVYLAMP_TEST_POSTGRES: url }),
};

/** Debian keeps the server's programs off PATH, one folder per major version; newest first. */
async function debianProgramFolders(): Promise<string[]> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
}

/**
 * PostgreSQL refuses to run as root: root runs it as the user `postgres`. That user keeps the right to pass
 * closed folders, for a checkout often lies in one.
 */
async function unprivileged(program: string, args: readonly string[]): Promise<Launch> {
  if (process.getuid?.() !== 0) return { command: program, args };
  const setpriv = await requireProgram('setpriv');
  const user = ['--reuid=postgres', '--regid=postgres', '--init-groups'];
  const rights = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return { command: setpriv, args: [...user, ...rights, program, ...args] };
}

async function giveTo(user: string, path: string): Promise<void> {
  const users = await readFile('/etc/passwd', 'utf8');
  const [, , uid, gid] =
    users
      .split('\n')
      .find((line) => line.startsWith(`${user}:`))
      ?.split(':') ?? [];
  if (uid === undefined || gid === undefined)
    throw new ServerUnavailableError(`no user ${user} on this machine`);
  await chown(path, Number(uid), Number(gid));
}

/** A killed PostgreSQL stays a zombie until init reaps it, and the next one refuses to start while it is listed. */
async function predecessorIsGone(data: string): Promise<void> {
  const lock = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(lock, 10);
  if (pid > 0) await eventually(() => !isListed(pid), 15_000);
}

async function isInitialised(data: string): Promise<boolean> {
  return access(join(data, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}
