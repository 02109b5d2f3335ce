import { openBus } from '#libs/bus/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { useData } from '#libs/runtime/data-lock.ts';
import { serveHealth } from '#libs/runtime/health.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { createDetector } from './app.ts';
import { loadDetectorConfig } from './config.ts';

await runUntilSignal(async (stack) => {
  const settings = loadDetectorConfig();
  const log = createLogger('detector', settings.logLevel);
  const counters = createCounters();
  stack.use(useData(settings));
  const bus = stack.adopt(await openBus(settings, log), (it) => it.close());
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  await ledger.migrate();
  await bus.ensure(Object.values(TOPICS));
  const app = createDetector({ bus, ledger }, settings, { counters, log });
  stack.defer(() => app.stop());
  await app.start();
  if (settings.healthPort !== undefined) stack.use(await serveHealth(settings.healthPort, counters));
});
