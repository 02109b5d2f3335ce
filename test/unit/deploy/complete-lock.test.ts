import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repositoryRoot } from '#deploy/servers/server.ts';

const run = promisify(execFile);
const script = join(repositoryRoot, 'deploy', 'complete-lock.ts');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'davylamp-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The packages of the lock file after one more run of the script. */
async function complete(packages: object): Promise<Record<string, unknown>> {
  const path = join(folder, 'package-lock.json');
  await writeFile(path, JSON.stringify({ lockfileVersion: 3, packages }));
  await run(process.execPath, [script], { cwd: folder });
  return (JSON.parse(await readFile(path, 'utf8')) as { packages: Record<string, unknown> }).packages;
}

const lock = {
  '': { name: 'app' },
  'node_modules/tool': {
    version: '1.0.0',
    optionalDependencies: { '@tool/linux': '1.0.0', '@tool/windows': '1.0.0', fsevents: '^2.3.0' },
  },
  'node_modules/@tool/linux': { version: '1.0.0', optional: true, integrity: 'sha512-x' },
};

test('adds the pinned optional packages that the lock lacks, sorted, the root first', async () => {
  const packages = await complete(lock);

  expect(packages['node_modules/@tool/windows']).toEqual({ version: '1.0.0', optional: true });
  const names = ['', 'node_modules/@tool/linux', 'node_modules/@tool/windows', 'node_modules/tool'];
  expect(Object.keys(packages)).toEqual(names); // a range such as ^2.3.0 names no version, so it stays out
});

test('leaves what is there as it is, and a second run changes nothing', async () => {
  const once = await complete(lock);

  expect(once['node_modules/@tool/linux']).toEqual(lock['node_modules/@tool/linux']);
  expect(await complete(once)).toEqual(once);
});
