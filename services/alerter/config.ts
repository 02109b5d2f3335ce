import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { jobsSettings } from '#libs/jobs/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig, type Problem } from '#libs/runtime/config.ts';
import { serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';
import { channelProblems, channelSettings } from './channels/open.ts';

/** What the alerter itself is told, beside its ports and channels. */
const alerterSettings = {
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
  ...channelSettings,
  ...alerterSettings,
});
type AlerterConfig = z.infer<typeof alerterConfig>;

/** What does not fit together, beside the ports. */
export function alerterProblems(settings: AlerterConfig): readonly Problem[] {
  return channelProblems(settings);
}

/** @throws ConfigError listing what is wrong. */
export function loadAlerterConfig(): AlerterConfig {
  return loadConfig(alerterConfig, { env: process.env }, busProblems, ledgerProblems, alerterProblems);
}
