import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLedger } from '#libs/ledger/open.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { ServiceProcess } from '#test/support/process.ts';

vi.setConfig({ testTimeout: 180_000 });

const cli = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-'));
  env = { PATH: process.env.PATH ?? '', TMPDIR: folder, DAVYLAMP_CONSOLE_PORT: '0' };
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('in a minute the demo shows several kinds of findings on 200 simulated nodes, and ends by itself', async () => {
  const dataDir = join(folder, 'demo');
  const words = ['demo', '--for', '60s', '--json', '--data-dir', dataDir];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...words], { env });
  const outcome = JSON.parse(stdout) as Record<string, number>;
  expect(Object.keys(outcome)).toEqual(['nodes', 'frames', 'findings', 'alerts']);
  expect(outcome.nodes).toBe(200);
  expect(outcome.frames).toBeGreaterThan(200 * 6 * 6);
  expect(outcome.alerts).toBeGreaterThanOrEqual(3);

  const ledger = openLedger({ ledger: 'embedded', dataDir, postgresUrl: undefined });
  const [findings, alerts] = await Promise.all([ledger.alerts.findings(), ledger.alerts.alerts()]);
  await ledger.close();
  expect(findings).toHaveLength(outcome.findings ?? 0);
  expect(new Set(findings.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(3);
  expect(findings.map(({ site }) => site).filter((site) => !isSimulated(site))).toEqual([]);
  // The planned work is known: its alert is kept, and nobody is told.
  expect(alerts.find(({ kind, tenant }) => kind === 'blind' && tenant === 'uni-hpc')?.state).toBe('silenced');
  // Nine of ten nodes do what they say.
  expect(new Set(findings.map(({ node }) => node)).size).toBeLessThan(20);

  const ofTheFleet = stderr.split('\n').filter((line) => /fleet|nodes|alerts|findings/.test(line));
  expect(ofTheFleet.length).toBeGreaterThanOrEqual(2);
  expect(ofTheFleet.filter((line) => !line.includes('simulated'))).toEqual([]);
  expect(stderr).toMatch(/first log-in: admin with the password [\w-]{24} \(shown once\)\n/);
  expect(stderr, 'it would be of the real installation').not.toContain('people password');
});

test('it takes another port where its own is taken, and Ctrl-C leaves nothing behind', async () => {
  const [port = 0] = await freePorts(1);
  const other = createServer().listen(port, '127.0.0.1');
  await using demo = new ServiceProcess('cli', { ...env, DAVYLAMP_CONSOLE_PORT: String(port) }, [
    'demo',
  ]).start();
  await eventually(
    'the demo',
    async () => demo.output,
    (output) => output.includes('Ctrl-C ends it'),
    60_000,
  );
  other.close();
  const [, url = ''] = /demo is up: (\S+) \(its usual port is taken\)/.exec(demo.output) ?? [];
  expect(url).not.toContain(String(port));
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await readdir(folder)).toHaveLength(1);
  await demo.stop();
  expect(await readdir(folder)).toEqual([]);
});

test('it keeps its hands off a folder that holds something', async () => {
  await writeFile(join(folder, 'ledger.db'), 'somebody else’s');
  const run = promisify(execFile)(process.execPath, [cli, 'demo', '--data-dir', folder], { env });
  await expect(run).rejects.toMatchObject({
    code: 78,
    stderr: expect.stringContaining('expected an empty folder'),
  });
  expect(await readdir(folder)).toEqual(['ledger.db']);
});
