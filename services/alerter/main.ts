import { openBus } from '#libs/bus/open.ts';
import { openJobs } from '#libs/jobs/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { useData } from '#libs/runtime/data-lock.ts';
import { serveHealth } from '#libs/runtime/health.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { createAlerter } from './app.ts';
import { openChannels } from './channels/open.ts';
import { loadAlerterConfig } from './config.ts';

await runUntilSignal(async (stack) => {
  const settings = loadAlerterConfig();
  const log = createLogger('alerter', settings.logLevel);
  const counters = createCounters();
  stack.use(useData(settings));
  const bus = stack.adopt(await openBus(settings, log), (it) => it.close());
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  const jobs = stack.adopt(openJobs(settings, ledger.database, log), (it) => it.close());
  const channels = openChannels(settings);
  const app = createAlerter({ bus, ledger, jobs, channels }, settings, { counters, log });
  stack.defer(() => app.stop());
  await app.start();
  if (settings.healthPort !== undefined) {
    stack.use(await serveHealth(settings.healthPort, counters, () => app.problem()));
  }
  log.info({ channels: channels.map(({ name, target }) => `${name} ${target}`) }, 'alerter runs');
});
