#!/usr/bin/env node
import { createCounters } from '#libs/runtime/counters.ts';
import { serveHealth } from '#libs/runtime/health.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { createAgent } from './app.ts';
import { loadAgentConfig } from './config.ts';
import { openOutlet } from './open-outlet.ts';

await runUntilSignal(async (stack) => {
  const settings = loadAgentConfig();
  const log = createLogger('agent', settings.logLevel);
  const counters = createCounters();
  if (settings.healthPort !== undefined) stack.use(await serveHealth(settings.healthPort, counters));
  const outlet = await openOutlet(settings, log, stack);
  const agent = createAgent({ outlet }, settings, { counters, log });
  stack.defer(() => agent.stop());
  await agent.start();
});
