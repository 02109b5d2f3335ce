import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBus } from '#libs/bus/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { openSeries } from '#libs/series/open.ts';
import { loadToolConfig } from '#services/cli/config.ts';

const DATABASES = ['ledger.db', 'bus.db', 'series.db'];
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

/** Opens every embedded store, and asks for the modes while they are open: then all files are there. */
async function modesOpen(dataDir: string): Promise<readonly number[]> {
  const settings = { ...loadToolConfig(), dataDir };
  await using stack = new AsyncDisposableStack();
  stack.adopt(await openBus(settings, createLogger('test', 'silent')), (it) => it.close());
  stack.adopt(openSeries(settings), (it) => it.close());
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  await ledger.migrate();
  const paths = DATABASES.flatMap((name) => ['', '-wal', '-shm'].map((end) => join(dataDir, name + end)));
  return await Promise.all(paths.map(modeOf));
}

test('the embedded databases, and the folder that is made for them, are their owner’s alone', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'davylamp-private-'));
  const dataDir = join(parent, 'data');
  expect(new Set(await modesOpen(dataDir))).toEqual(new Set([0o600]));
  expect(await modeOf(dataDir)).toBe(0o700);
  await rm(parent, { recursive: true });
});

test('databases of an earlier version lose their other readers; a folder that is there keeps its mode', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-private-'));
  await modesOpen(dataDir);
  await chmod(dataDir, 0o750);
  for (const name of DATABASES) await chmod(join(dataDir, name), 0o644);
  expect(new Set(await modesOpen(dataDir))).toEqual(new Set([0o600]));
  expect(await modeOf(dataDir)).toBe(0o750);
  await rm(dataDir, { recursive: true });
});
