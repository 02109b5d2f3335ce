import process from 'node:process';
import { Command } from 'commander';
import { createCounters } from '#libs/runtime/counters.ts';
import { holdData } from '#libs/runtime/data-lock.ts';
import { serveHealth } from '#libs/runtime/health.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { runUntilSignal } from '#libs/runtime/shutdown.ts';
import { administratorNotice } from '#services/console/administrator.ts';
import { loadUpConfig } from '../config.ts';
import { startPipeline } from '../pipeline.ts';

interface Options {
  readonly agent: boolean;
  readonly gateway: boolean;
}

export function upCommand(): Command {
  return new Command('up')
    .description('run the whole pipeline in this process, with an agent for this machine')
    .option('--no-agent', 'do not measure this machine')
    .option('--no-gateway', 'do not serve the gateway for other machines')
    .action((options: Options) =>
      runUntilSignal(async (stack) => {
        const settings = loadUpConfig();
        const log = createLogger('davylamp', settings.logLevel);
        stack.use(holdData(settings.dataDir, 'pipeline'));
        const counters = createCounters();
        let problem: string | null = 'it is starting';
        // First: where the port is taken, no administrator is made whose password nobody would see.
        if (settings.healthPort !== undefined)
          stack.use(await serveHealth(settings.healthPort, counters, () => problem));
        const started = await startPipeline(stack, settings, options, { counters, log });
        problem = null;
        process.stderr.write(
          [
            `davylamp is up: ${started.console}`,
            ...(started.password === null ? [] : [administratorNotice(started.password, settings.dataDir)]),
            ...(started.gateway ? [`gateway: ${started.gateway}`] : []),
            `data: ${settings.dataDir}; Ctrl-C ends it`,
            '',
          ].join('\n'),
        );
      }),
    );
}
