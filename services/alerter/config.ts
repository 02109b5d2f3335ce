import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { jobsSettings } from '#libs/jobs/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';

/** What the alerter itself is told, beside its ports. */
const alerterSettings = {
  webhookUrl: z
    .url({ protocol: /^https?$/, error: 'expected an http or https address' })
    .optional()
    .meta({ description: 'Address that notices are posted to; unset: nobody is told.', secret: true }),
  webhookSecret: z
    .string('expected at least 16 characters')
    .min(16, 'expected at least 16 characters')
    .optional()
    .meta({
      description: 'Secret that signs notices, so that the receiver knows them; unset: unsigned.',
      secret: true,
    }),
  webhookTimeoutMs: wholeNumber(100, 60_000)
    .default(10_000)
    .describe('Milliseconds that the receiver may take to acknowledge.'),
  sweepMs: wholeNumber(100, 600_000)
    .default(5_000)
    .describe('Milliseconds between looks for notices that no job delivers.'),
  deliveryBackoffMs: wholeNumber(10, 600_000)
    .default(1_000)
    .describe('Milliseconds until the second attempt to deliver; the wait grows with every failure.'),
  deliveryConcurrency: wholeNumber(1, 256).default(8).describe('Notices that are delivered at once.'),
};

export const alerterConfig = z.object({
  ...serviceSettings,
  ...busSettings,
  ...ledgerSettings,
  ...jobsSettings,
  ...alerterSettings,
});
type AlerterConfig = z.infer<typeof alerterConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadAlerterConfig(): AlerterConfig {
  return loadConfig(alerterConfig, { env: process.env }, busProblems, ledgerProblems);
}
