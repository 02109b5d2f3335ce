import process from 'node:process';
import { openBus } from '#libs/bus/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { useData } from '#libs/runtime/data-lock.ts';
import { serveHealth } from '#libs/runtime/health.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { openSeries } from '#libs/series/open.ts';
import { addAdministrator, administratorNotice } from './administrator.ts';
import { createConsole } from './app.ts';
import { loadConsoleConfig } from './config.ts';

await runUntilSignal(async (stack) => {
  const settings = loadConsoleConfig();
  const log = createLogger('console', settings.logLevel);
  const counters = createCounters();
  stack.use(useData(settings));
  const bus = stack.adopt(await openBus(settings, log), (it) => it.close());
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  const series = stack.adopt(openSeries(settings), (it) => it.close());
  await ledger.migrate();
  await bus.ensure([TOPICS.observations, TOPICS.findings, TOPICS.dead]);
  const app = createConsole({ bus, ledger, series }, settings, { counters, log });
  stack.defer(() => app.stop());
  await app.start();
  if (settings.healthPort !== undefined) stack.use(await serveHealth(settings.healthPort, counters));
  // Last: a password that is made and not shown would be lost.
  const password = await addAdministrator(ledger.people, Date.now());
  if (password !== null) process.stderr.write(`${administratorNotice(password, settings.dataDir)}\n`);
});
