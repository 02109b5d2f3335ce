import process from 'node:process';
import { createCounters } from '#libs/runtime/counters.ts';
import { createPlainLogger } from '#libs/runtime/plain-logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { createAgent } from './app.ts';
import type { AgentConfig } from './config.ts';
import { openOutlet } from './open-outlet.ts';
import { releasePages } from './release-pages.ts';

/** After two frames everything that is needed again and again has run. */
const RELEASE_AFTER_MS = 25_000;
const RELEASE_EVERY_MS = 3_600_000;

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
  return runUntilSignal(async (stack) => {
    await runAgent(JSON.parse(settings) as AgentConfig, stack);
    const timers = [setTimeout(release, RELEASE_AFTER_MS), setInterval(release, RELEASE_EVERY_MS)];
    stack.defer(() => timers.forEach(clearTimeout));
  });
}

/** It is a courtesy: where it cannot be done, the agent is as large as it was. */
function release(): void {
  try {
    releasePages();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
