import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { filledText, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';

const gatewaySettings = {
  gatewayHost: filledText('expected an address of this machine')
    .default('0.0.0.0')
    .describe('Address that frames are taken on.'),
  gatewayPort: wholeNumber(0, 65_535)
    .default(8443)
    .describe('Port that frames are taken on; 0: any free one.'),
  gatewayNames: filledText('expected names and addresses, separated by commas')
    .transform((list) => list.split(',').map((name) => name.trim()))
    .optional()
    .describe(
      'Names and addresses, separated by commas, that a self-signed certificate is made for; unset: the host name, `localhost` and `127.0.0.1`.',
    ),
  gatewayConcurrency: wholeNumber(1, 10_000)
    .default(64)
    .describe(
      'Batches in hand at once, 1 MiB each at most, and at most two of a node; more are told to come back.',
    ),
};

export const gatewayConfig = z.object({
  ...serviceSettings,
  ...busSettings,
  ...ledgerSettings,
  ...gatewaySettings,
});
type GatewayConfig = z.infer<typeof gatewayConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadGatewayConfig(): GatewayConfig {
  return loadConfig(gatewayConfig, { env: process.env }, busProblems, ledgerProblems);
}
