/** A process that takes one job in hand, says so, and never finishes it. Arguments: settings as JSON, the queue. */
import { openJobs } from '#libs/jobs/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { createLogger } from '#libs/runtime/logger.ts';

const [settings = '', queue = ''] = process.argv.slice(2);
const given = JSON.parse(settings) as Parameters<typeof openLedger>[0] & Parameters<typeof openJobs>[0];
const jobs = openJobs(given, openLedger(given).database, createLogger('work-until-killed', 'silent'));
const never = Promise.withResolvers<void>();
await jobs.work(
  queue,
  async () => {
    process.stdout.write('in hand\n');
    await never.promise;
  },
  { concurrency: 1 },
);
