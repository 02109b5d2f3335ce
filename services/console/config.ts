import process from 'node:process';
import { z } from 'zod';
import { busSettings } from '#libs/bus/open.ts';
import { ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';

export const consoleConfig = z.object({
  ...busSettings,
  ...ledgerSettings,
  /** It has no log-in yet: reachable from this machine alone unless it is told otherwise. */
  consoleHost: z.string().min(1).default('127.0.0.1'),
  consolePort: z.coerce.number().int().min(0).max(65_535).default(8420),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** @throws ConfigError */
export function loadConsoleConfig(): z.infer<typeof consoleConfig> {
  return loadConfig(consoleConfig, { env: process.env });
}
