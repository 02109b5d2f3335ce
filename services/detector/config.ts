import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { choice, decimalNumber, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';

const STAGES_EXPECTED = 'expected 1, 2 or 1,2';

const detectorSettings = {
  stages: z
    .string(STAGES_EXPECTED)
    .default('1,2')
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(['1', '2'], STAGES_EXPECTED)).min(1, STAGES_EXPECTED))
    .describe('Stages that this process runs, separated by commas; 1: by node, 2: by site.'),
  checkpointMs: wholeNumber(100, 600_000)
    .default(10_000)
    .describe('Milliseconds between checkpoints, at least.'),
  ticker: choice(['on', 'off']).default('on').describe('Whether this process writes ticks.'),
  tickMs: decimalNumber(1, TICK_MS)
    .default(TICK_MS)
    .describe('Milliseconds of real time between ticks; less accelerates event time.'),
  clockAheadMs: wholeNumber(0)
    .default(PARAMETERS.clockAheadMs)
    .describe(
      'Milliseconds that device time may be ahead of receive time; more only where event time is accelerated.',
    ),
  registerMs: wholeNumber(100, 600_000)
    .default(30_000)
    .describe('Milliseconds between readings of the register of nodes and declarations.'),
};

export const detectorConfig = z.object({
  ...serviceSettings,
  ...busSettings,
  ...ledgerSettings,
  ...detectorSettings,
});
type DetectorConfig = z.infer<typeof detectorConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadDetectorConfig(): DetectorConfig {
  return loadConfig(detectorConfig, { env: process.env }, busProblems, ledgerProblems);
}
