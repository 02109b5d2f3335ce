import { embeddedJobs } from '#libs/jobs/sqlite.ts';
import { type OpenLedger, openLedger } from '#libs/ledger/open.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { freshDatabase } from '#test/support/postgres.ts';
import { type JobsWorld, jobsContract, LEASE_MS } from './contract.ts';
import { workAndDie } from './dying-worker.ts';

/** The embedded store works on whatever database the ledger has. */
const url = process.env.DAVYLAMP_TEST_POSTGRES;

async function postgresWorld(): Promise<JobsWorld> {
  const database = await freshDatabase(url ?? '');
  const settings = { dataDir: 'unused', ledger: 'postgres', postgresUrl: database.url } as const;
  const ledgers: OpenLedger[] = [];
  const open = (postgresUrl: string) => {
    const ledger = openLedger({ ...settings, postgresUrl });
    ledgers.push(ledger);
    return embeddedJobs(ledger.database, { leaseMs: LEASE_MS, pollMs: 100 });
  };
  const first = openLedger(settings);
  await first.migrate();
  await first.close();
  return {
    open: () => open(database.url),
    openAbsent: () => open('postgres://nobody@127.0.0.1:9/absent'),
    workAndDie: (queue) => workAndDie({ ...settings, jobs: 'embedded', jobLeaseMs: LEASE_MS }, queue),
    async dispose() {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
      await database.drop();
    },
  };
}

describeServer('DAVYLAMP_TEST_POSTGRES', 'PostgreSQL', () => {
  jobsContract('rows of PostgreSQL', postgresWorld);
});
