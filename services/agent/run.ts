import process from 'node:process';
import { createCounters } from '#libs/runtime/counters.ts';
import { createPlainLogger } from '#libs/runtime/plain-logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { createAgent } from './app.ts';
import type { AgentConfig } from './config.ts';
import { openOutlet } from './open-outlet.ts';

/** Runs an agent until the stack is disposed. */
export async function runAgent(settings: AgentConfig, stack: AsyncDisposableStack): Promise<void> {
  const log = createPlainLogger('agent', settings.logLevel);
  const counters = createCounters();
  if (settings.healthPort !== undefined) {
    const { serveHealth } = await import('#libs/runtime/health.ts');
    stack.use(await serveHealth(settings.healthPort, counters));
  }
  const outlet = await openOutlet(settings, log, stack);
  const agent = createAgent({ outlet }, settings, { counters, log });
  stack.defer(() => agent.stop());
  await agent.start();
}

/** Entry of the process that `replaceProcess` starts. @param settings JSON, checked by the process before. */
export function runReplaced(settings: string): Promise<void> {
  process.title = 'davylamp-agent';
  return runUntilSignal((stack) => runAgent(JSON.parse(settings) as AgentConfig, stack));
}
