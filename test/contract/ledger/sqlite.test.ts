import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openLedger } from '#libs/ledger/open.ts';
import { type LedgerWorld, ledgerContract } from './contract.ts';
import { aFinding, aNode } from './samples.ts';

const open = (dataDir: string) => openLedger({ dataDir, ledger: 'embedded' });

async function sqliteWorld(): Promise<LedgerWorld & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-ledger-'));
  return {
    dataDir,
    open: () => open(dataDir),
    // A folder where the file should be cannot be opened as one.
    openAbsent: () => {
      mkdirSync(join(dataDir, 'absent', 'ledger.db'), { recursive: true });
      return open(join(dataDir, 'absent'));
    },
    dispose: () => rm(dataDir, { recursive: true, force: true }),
  };
}

ledgerContract('SQLite', sqliteWorld);

test('waits for another process that is writing to the same file', async () => {
  const world = await sqliteWorld();
  const { dataDir } = world;
  const ledger = open(dataDir);
  await ledger.migrate();
  const foreign = new DatabaseSync(join(dataDir, 'ledger.db'));
  foreign.exec('begin immediate');
  const seen = ledger.nodes.see(aNode('n1'));
  setTimeout(() => foreign.exec('commit'), 300);
  await seen;
  expect(await ledger.nodes.list()).toEqual([aNode('n1')]);
  foreign.close();
  await ledger.close();
  await world.dispose();
});

test('keeps what was acknowledged when the process ends without closing', async () => {
  const world = await sqliteWorld();
  const { dataDir } = world;
  const script = join(dataDir, 'writer.ts');
  await writeFile(script, writerThatIsKilled(dataDir));
  const { signal } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(signal).toBe('SIGKILL');
  const ledger = open(dataDir);
  expect(await ledger.alerts.alerts()).toHaveLength(1);
  expect(await ledger.outbox.pending(10)).toHaveLength(1);
  await ledger.close();
  await world.dispose();
});

test('names a file that is no database', async () => {
  const world = await sqliteWorld();
  const { dataDir } = world;
  await writeFile(join(dataDir, 'ledger.db'), 'this is no database, only text'.repeat(100));
  const ledger = open(dataDir);
  await expect(ledger.check()).rejects.toThrow(/not a database/);
  await ledger.close();
  await world.dispose();
});

/** Takes a finding and dies in the next breath. */
function writerThatIsKilled(dataDir: string): string {
  const open = new URL('../../../libs/ledger/open.ts', import.meta.url);
  return `
    import { openLedger } from '${open.href}';
    const ledger = openLedger({ dataDir: ${JSON.stringify(dataDir)}, ledger: 'embedded' });
    await ledger.migrate();
    await ledger.alerts.take(${JSON.stringify(aFinding())});
    process.kill(process.pid, 'SIGKILL');`;
}
