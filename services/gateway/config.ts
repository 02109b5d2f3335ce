import { hostname } from 'node:os';
import process from 'node:process';
import { z } from 'zod';
import { busSettings } from '#libs/bus/open.ts';
import { ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';

export const gatewayConfig = z.object({
  ...busSettings,
  ...ledgerSettings,
  gatewayHost: z.string().min(1).default('0.0.0.0').describe('address that frames are taken on'),
  gatewayPort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535, 'expected 0..65535')
    .default(8443)
    .describe('its port'),
  gatewayNames: z
    .string()
    .default(() => `${hostname()},localhost,127.0.0.1`)
    .transform((list) => list.split(',').map((name) => name.trim()))
    .describe('names and addresses, by commas, that a self-signed certificate is made for'),
  gatewayConcurrency: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000, 'expected 1..10000')
    .default(64)
    .describe('requests in hand at once, 1 MiB each at most; more are told to come back'),
  healthPort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535, 'expected 0..65535')
    .optional()
    .describe('port of /healthz and /metrics'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least level logged'),
});

export type GatewayConfig = z.infer<typeof gatewayConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadGatewayConfig(): GatewayConfig {
  return loadConfig(gatewayConfig, { env: process.env });
}
