import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { choice, decimalNumber, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';
import { seriesSettings } from '#libs/series/open.ts';
import { RESOLUTIONS } from './policy.ts';

/** Of the writer itself, without those of its ports. */
const writerSettings = {
  resolution: choice(RESOLUTIONS)
    .default('full')
    .describe(
      'How much becomes points. full: every frame; rollup: summaries and assessments; adaptive: core metrics of the summaries, and every frame of the nodes on the resolution topic.',
    ),
  writerFlushPoints: wholeNumber(1, 100_000).default(5_000).describe('Points written at once.'),
  writerFlushMs: wholeNumber(0, 1_000)
    .default(200)
    .describe('Milliseconds that a point waits for others to be written with.'),
  writerBackfillHours: decimalNumber(0, 72)
    .default(24)
    .describe(
      'Hours back from which the frames of a node are stored when it comes onto the resolution topic, where resolution is adaptive.',
    ),
  writerResolutionPollMs: wholeNumber(10, 600_000)
    .default(5_000)
    .describe('Milliseconds between looks at the resolution topic, where resolution is adaptive.'),
  assessmentRetentionDays: wholeNumber(0, 36_500)
    .default(90)
    .describe(
      'Days that the ledger keeps assessments (each change of a verdict, and one an hour) that no finding rests on; 0: for ever.',
    ),
};

export type WriterSettings = z.infer<z.ZodObject<typeof writerSettings>>;

export const writerConfig = z.object({
  ...serviceSettings,
  ...busSettings,
  ...seriesSettings,
  ...ledgerSettings,
  ...writerSettings,
});
type WriterConfig = z.infer<typeof writerConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadWriterConfig(): WriterConfig {
  return loadConfig(writerConfig, { env: process.env }, busProblems, ledgerProblems);
}
