import process from 'node:process';
import { z } from 'zod';
import { busSettings } from '#libs/bus/open.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { ledgerSettings } from '#libs/ledger/open.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import { loadConfig } from '#libs/runtime/config.ts';

const stage = z.enum(['1', '2'], 'expected 1, 2 or 1,2');

const detectorSettings = {
  stages: z
    .string()
    .default('1,2')
    .transform((text) => text.split(','))
    .pipe(z.array(stage).min(1))
    .describe('stages this process runs, separated by commas: 1 by node, 2 by site'),
  checkpointMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('least time between checkpoints'),
  ticker: z.enum(['on', 'off']).default('on').describe('whether this process writes ticks'),
  tickMs: z.coerce
    .number()
    .min(1)
    .max(TICK_MS)
    .default(TICK_MS)
    .describe('real time between ticks; less accelerates event time'),
  clockAheadMs: z.coerce
    .number()
    .int()
    .min(0)
    .default(PARAMETERS.clockAheadMs)
    .describe('how far device time may be ahead of receive time; more only where event time is accelerated'),
  registerMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe('how often the register is read'),
};

export const detectorConfig = z.object({
  ...busSettings,
  ...ledgerSettings,
  ...detectorSettings,
  healthPort: z.coerce.number().int().min(0).max(65_535).optional().describe('port of /healthz and /metrics'),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** @throws ConfigError */
export function loadDetectorConfig(): z.infer<typeof detectorConfig> {
  return loadConfig(detectorConfig, { env: process.env });
}
