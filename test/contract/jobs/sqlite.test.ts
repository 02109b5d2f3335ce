import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Jobs } from '#libs/jobs/port.ts';
import { embeddedJobs } from '#libs/jobs/sqlite.ts';
import { type OpenLedger, openLedger } from '#libs/ledger/open.ts';
import { type JobsWorld, jobsContract, LEASE_MS } from './contract.ts';
import { workAndDie } from './dying-worker.ts';

async function sqliteWorld(): Promise<JobsWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'davylamp-jobs-'));
  const ledgers: OpenLedger[] = [];
  const open = (folder: string): Jobs => {
    const ledger = openLedger({ dataDir: folder, ledger: 'embedded' });
    ledgers.push(ledger);
    return embeddedJobs(ledger.database, { leaseMs: LEASE_MS, pollMs: 100 });
  };
  const first = openLedger({ dataDir, ledger: 'embedded' });
  await first.migrate();
  await first.close();
  return {
    open: () => open(dataDir),
    openAbsent: () => {
      mkdirSync(join(dataDir, 'absent', 'ledger.db'), { recursive: true });
      return open(join(dataDir, 'absent'));
    },
    workAndDie: (queue) =>
      workAndDie({ dataDir, ledger: 'embedded', jobs: 'embedded', jobLeaseMs: LEASE_MS }, queue),
    async dispose() {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

jobsContract('rows of SQLite', sqliteWorld);
