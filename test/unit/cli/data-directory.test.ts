import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLedger } from '#libs/ledger/open.ts';
import { davylamp } from '#test/support/davylamp.ts';
import { eventually } from '#test/support/eventually.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { ServiceProcess } from '#test/support/process.ts';

// Each call is a process of its own.
vi.setConfig({ testTimeout: 60_000 });

let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'davylamp-directory-'));
});

afterEach(() => rm(scratch, { recursive: true }));

/** What a service leaves at its first start. */
async function usedFolder(): Promise<string> {
  const dataDir = join(scratch, 'used');
  const ledger = openLedger({ dataDir, ledger: 'embedded' });
  await ledger.migrate();
  await ledger.close();
  return dataDir;
}

test.each([
  ['status'],
  ['loss'],
  ['people'],
  ['declare', 'd', 'n', '--tenant', 't', '--approver', 'a', '--behaviour', 'B0'],
  ['backup', 'it.tar.gz'],
])('%s on a folder that no service has used says so, and makes nothing', async (...args) => {
  const result = await davylamp(scratch, args);
  expect(result).toMatchObject({ status: 78, out: '' });
  expect(result.err).toContain('./data: no ledger here; start davylamp once, or set DAVYLAMP_DATA_DIR');
  expect(await readdir(scratch)).toEqual([]);
});

test('doctor warns of a folder that no service has used, and makes nothing', async () => {
  const { status, out } = await davylamp(scratch, ['doctor']);
  expect(status).toBe(0);
  expect(out).toMatch(/! +ledger \(embedded\) +\.\/data: no ledger here/);
  expect(out).toMatch(/! +data directory +\.\/data: not there yet/);
  expect(out).toContain('ledger (embedded): start davylamp once, or set DAVYLAMP_DATA_DIR');
  expect(await readdir(scratch)).toEqual([]);
});

test('backup replaces an archive only with --force', async () => {
  const env = { DAVYLAMP_DATA_DIR: await usedFolder() };
  const file = join(scratch, 'precious.tar.gz');
  await writeFile(file, 'precious');
  const refused = await davylamp(scratch, ['backup', file], env);
  expect(refused.status).toBe(1);
  expect(refused.err).toContain(`${file}: expected a file that is not there yet`);
  expect(await readFile(file, 'utf8')).toBe('precious');
  expect(await davylamp(scratch, ['backup', file, '--force'], env)).toMatchObject({ status: 0 });
  expect(await readFile(file, 'utf8')).not.toBe('precious');
});

test('backup writes nothing into what it backs up, with --force neither', async () => {
  const dataDir = await usedFolder();
  await symlink(dataDir, join(scratch, 'link'));
  await mkdir(join(scratch, 'agent'));
  const env = { DAVYLAMP_DATA_DIR: dataDir, DAVYLAMP_STATE_DIR: join(scratch, 'agent') };
  const before = await readFile(join(dataDir, 'ledger.db'));
  for (const path of ['used/ledger.db', 'link/new/it.tar.gz', 'agent/it.tar.gz']) {
    const { status, err } = await davylamp(scratch, ['backup', path, '--force'], env);
    expect({ path, status }).toEqual({ path, status: 78 });
    expect(err).toMatch(/expected a file outside of .*, which is backed up/);
  }
  expect(await readFile(join(dataDir, 'ledger.db'))).toEqual(before);
});

test.each(['writer', 'gateway', 'agent'])('restore is refused while a %s of its own runs', async (name) => {
  const dataDir = await usedFolder();
  const env = { DAVYLAMP_DATA_DIR: dataDir, DAVYLAMP_STATE_DIR: join(scratch, 'agent') };
  const file = join(scratch, 'it.tar.gz');
  expect(await davylamp(scratch, ['backup', file], env)).toMatchObject({ status: 0 });
  const [healthPort, gatewayPort] = await freePorts(2);
  const places = { DAVYLAMP_HEALTH_PORT: String(healthPort), DAVYLAMP_GATEWAY_PORT: String(gatewayPort) };
  await using service = new ServiceProcess(name, { ...env, ...places }).start();
  const healthy = () =>
    fetch(`http://127.0.0.1:${healthPort}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually('the service', healthy, (it) => it, 20_000);
  const { status, err } = await davylamp(scratch, ['restore', file, '--force'], env);
  expect(err).toContain(
    `${dataDir}: expected a data directory that nothing runs on, another process uses it`,
  );
  expect({ status, running: service.running }).toEqual({ status: 78, running: true });
});
