import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { embeddedJobs } from '#libs/jobs/sqlite.ts';
import { type OpenLedger, openLedger } from '#libs/ledger/open.ts';
import { describeServer } from '#test/support/describe-server.ts';
import { type JobsWorld, jobsContract, LEASE_MS } from './contract.ts';
import { workAndDie } from './dying-worker.ts';

/** The embedded store works on whatever database the ledger has. */
const url = process.env.DAVYLAMP_TEST_POSTGRES;

async function asAdministrator(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function postgresWorld(): Promise<JobsWorld> {
  const database = `davylamp_${randomBytes(6).toString('hex')}`;
  await asAdministrator(`create database ${database}`);
  const own = new URL(url ?? '');
  own.pathname = database;
  const settings = { dataDir: 'unused', ledger: 'postgres', postgresUrl: own.href } as const;
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
    open: () => open(own.href),
    openAbsent: () => open('postgres://nobody@127.0.0.1:9/absent'),
    workAndDie: (queue) => workAndDie({ ...settings, jobs: 'embedded', jobLeaseMs: LEASE_MS }, queue),
    async dispose() {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
      await asAdministrator(`drop database ${database} with (force)`);
    },
  };
}

describeServer('DAVYLAMP_TEST_POSTGRES', 'PostgreSQL', () => {
  jobsContract('rows of PostgreSQL', postgresWorld);
});
