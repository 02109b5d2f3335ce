import { openBus } from '#libs/bus/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { useData } from '#libs/runtime/data-lock.ts';
import { serveHealth } from '#libs/runtime/health.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { openSeries } from '#libs/series/open.ts';
import { createWriter } from './app.ts';
import { loadWriterConfig } from './config.ts';

await runUntilSignal(async (stack) => {
  const settings = loadWriterConfig();
  const log = createLogger('writer', settings.logLevel);
  const counters = createCounters();
  stack.use(useData(settings));
  const bus = stack.adopt(await openBus(settings, log), (it) => it.close());
  const series = stack.adopt(openSeries(settings), (it) => it.close());
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  await ledger.migrate();
  const app = createWriter({ bus, series, ledger }, settings, { counters, log });
  stack.defer(() => app.stop());
  await app.start();
  if (settings.healthPort !== undefined) {
    stack.use(await serveHealth(settings.healthPort, counters, () => app.problem()));
  }
});
