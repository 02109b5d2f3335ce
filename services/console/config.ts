import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { consoleUrlSetting, filledText, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';
import { seriesSettings } from '#libs/series/open.ts';

/** Of the console itself, without those of its ports. */
const consoleSettings = {
  // Over plain http a password can be read on the way: reachable from this machine alone unless it is told otherwise.
  consoleHost: filledText('expected an address of this machine')
    .default('127.0.0.1')
    .describe('Address that the console is served on; for others, put a proxy with TLS before it.'),
  consolePort: wholeNumber(0, 65_535)
    .default(8420)
    .describe('Port that the console is served on; 0: any free one.'),
  ...consoleUrlSetting,
  consoleSessionHours: wholeNumber(1, 720).default(12).describe('Hours after a log-in that a session ends.'),
  consoleLoginsPerMinute: wholeNumber(1, 10_000)
    .default(10)
    .describe('Attempts to log in that an address has in a minute.'),
};

export type ConsoleSettings = z.infer<z.ZodObject<typeof consoleSettings>>;

export const consoleConfig = z.object({
  ...serviceSettings,
  ...busSettings,
  ...seriesSettings,
  ...ledgerSettings,
  ...consoleSettings,
});
type ConsoleConfig = z.infer<typeof consoleConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadConsoleConfig(): ConsoleConfig {
  return loadConfig(consoleConfig, { env: process.env }, busProblems, ledgerProblems);
}
