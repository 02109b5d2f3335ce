import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { filledText, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';

const consoleSettings = {
  // It has no log-in yet: reachable from this machine alone unless it is told otherwise.
  consoleHost: filledText('expected an address of this machine')
    .default('127.0.0.1')
    .describe('Address that the page is served on. It has no log-in.'),
  consolePort: wholeNumber(0, 65_535)
    .default(8420)
    .describe('Port that the page is served on; 0: any free one.'),
};

export const consoleConfig = z.object({
  ...serviceSettings,
  ...busSettings,
  ...ledgerSettings,
  ...consoleSettings,
});
type ConsoleConfig = z.infer<typeof consoleConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadConsoleConfig(): ConsoleConfig {
  return loadConfig(consoleConfig, { env: process.env }, busProblems, ledgerProblems);
}
