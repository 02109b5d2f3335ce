import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { jobsSettings } from '#libs/jobs/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import type { Severity } from '#libs/model/finding.ts';
import { loadConfig, type Problem } from '#libs/runtime/config.ts';
import { choice, decimalNumber, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';
import { channelProblems, channelSettings } from './channels/open.ts';

/** Severities that raise alerts. */
const RAISING = ['low', 'medium', 'high'] as const satisfies readonly Severity[];

/** What the alerter itself is told, beside its ports and channels. */
const alerterSettings = {
  sweepMs: wholeNumber(100, 600_000)
    .default(5_000)
    .describe('Milliseconds between looks for notices that no job delivers.'),
  deliveryBackoffMs: wholeNumber(10, 600_000)
    .default(1_000)
    .describe('Milliseconds until the second attempt to deliver; the wait grows with every failure.'),
  deliveryConcurrency: wholeNumber(1, 256).default(8).describe('Notices that each channel delivers at once.'),
  notifyFrom: choice(RAISING)
    .default('low')
    .describe('Least severity that people are told of at once; what is below shows in digests alone.'),
  escalateAfterMinutes: decimalNumber(0, 43_200)
    .default(60)
    .describe('Minutes until an alert that nobody has acknowledged escalates; 0: never.'),
  escalateFrom: choice(RAISING).default('high').describe('Least severity that escalates.'),
  autoResolveHours: decimalNumber(0, 87_600)
    .default(0)
    .describe('Hours without a change after which an alert is resolved; 0: never.'),
  digestHours: decimalNumber(0, 744)
    .default(0)
    .describe('Hours that a digest covers, counted from midnight UTC; 0: no digests.'),
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
