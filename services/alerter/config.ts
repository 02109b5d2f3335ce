import process from 'node:process';
import { z } from 'zod';
import { busSettings } from '#libs/bus/open.ts';
import { jobsSettings } from '#libs/jobs/open.ts';
import { ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';

/** What the alerter itself is told, beside its ports. */
const alerterSettings = {
  webhookUrl: z.url({ protocol: /^https?$/, error: 'expected an http or https address' }).optional(),
  webhookSecret: z.string().min(16, 'expected at least 16 characters').optional(),
  webhookTimeoutMs: z.coerce.number().int().min(100).max(60_000).default(10_000),
  sweepMs: z.coerce.number().int().min(100).max(600_000).default(5_000),
  deliveryBackoffMs: z.coerce.number().int().min(10).max(600_000).default(1_000),
  deliveryConcurrency: z.coerce.number().int().min(1).max(256).default(8),
};

export const alerterConfig = z.object({
  ...busSettings,
  ...ledgerSettings,
  ...jobsSettings,
  ...alerterSettings,
  /** Unset: no health endpoint. */
  healthPort: z.coerce.number().int().min(0).max(65_535).optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** @throws ConfigError */
export function loadAlerterConfig(): z.infer<typeof alerterConfig> {
  return loadConfig(alerterConfig, { env: process.env });
}
