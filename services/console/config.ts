import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { consoleUrlSetting, filledText, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';
import { seriesSettings } from '#libs/series/open.ts';

const PROXIES_EXPECTED = 'expected addresses or networks, e.g. 10.0.0.7 or 10.0.0.0/8, separated by commas';
/** A network of everybody (`/0`) would let everybody say where they come from. */
const proxyRange = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], PROXIES_EXPECTED)
  .refine((range) => !range.endsWith('/0'), PROXIES_EXPECTED);

/** Of the console itself, without those of its ports. */
const consoleSettings = {
  // Over plain http a password can be read on the way: reachable from this machine alone unless it is told otherwise.
  consoleHost: filledText('expected an address of this machine')
    .default('127.0.0.1')
    .describe(
      'Address that the console is served on; for others, put a proxy with TLS before it, and name it in `consoleTrustedProxies`.',
    ),
  consolePort: wholeNumber(0, 65_535)
    .default(8420)
    .describe('Port that the console is served on; 0: any free one.'),
  consoleTrustedProxies: filledText(PROXIES_EXPECTED)
    .transform((list) => list.split(',').map((range) => range.trim()))
    .pipe(z.array(proxyRange))
    .optional()
    .describe(
      'Addresses and networks, separated by commas, of the proxies before the console, whose `X-Forwarded-For` is believed; unset: none, and all who come through a proxy count as one address.',
    ),
  ...consoleUrlSetting,
  consoleSessionHours: wholeNumber(1, 720).default(12).describe('Hours after a log-in that a session ends.'),
  consoleLoginsPerMinute: wholeNumber(1, 10_000)
    .default(10)
    .describe(
      'Wrong passwords that a name has from an address in a minute; an address has ten times as many, over all names.',
    ),
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
