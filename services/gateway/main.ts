#!/usr/bin/env node
import { openBus } from '#libs/bus/open.ts';
import { openLedger } from '#libs/ledger/open.ts';
import { TOPICS } from '#libs/model/topics.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { useData } from '#libs/runtime/data-lock.ts';
import { serveHealth } from '#libs/runtime/health.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { createGateway } from './app.ts';
import { loadGatewayConfig } from './config.ts';

await runUntilSignal(async (stack) => {
  const settings = loadGatewayConfig();
  const log = createLogger('gateway', settings.logLevel);
  const counters = createCounters();
  if (settings.healthPort !== undefined) stack.use(await serveHealth(settings.healthPort, counters));
  stack.use(useData(settings));
  const bus = stack.adopt(await openBus(settings, log), (it) => it.close());
  await bus.ensure([TOPICS.frames]);
  const ledger = stack.adopt(openLedger(settings), (it) => it.close());
  await ledger.migrate();
  const gateway = createGateway({ bus, ledger }, settings, { counters, log });
  stack.defer(() => gateway.stop());
  await gateway.start();
});
