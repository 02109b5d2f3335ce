import process from 'node:process';
import { z } from 'zod';
import { busProblems, busSettings } from '#libs/bus/open.ts';
import { PARAMETERS } from '#libs/detect/parameters.ts';
import { LEAST_BUDGET, MOST_BUDGET } from '#libs/detect/sequential/calibration.ts';
import { TIER_MODES, type TierPolicy } from '#libs/detect/tiers/choice.ts';
import { ledgerProblems, ledgerSettings } from '#libs/ledger/open.ts';
import { TICK_MS } from '#libs/model/tick.ts';
import { loadConfig } from '#libs/runtime/config.ts';
import { choice, decimalNumber, serviceSettings, wholeNumber } from '#libs/runtime/settings.ts';

const STAGES_EXPECTED = 'expected 1, 2 or 1,2';

/** Shared with whoever replays what the detector said; to spread into a schema. */
export const tierSettings = {
  detectorTier: choice(TIER_MODES)
    .default('auto')
    .describe(
      'Which nodes are watched in the rich tier, with a long past; auto: the first up to `richEntities`, a share of the others in turn, and for a while those that begin to be odd. Every process that runs stage 1 must have the same tier settings, and a replay those that were in force.',
    ),
  richEntities: wholeNumber(0)
    .default(8_000)
    .describe('Hosts and GPUs of a partition that are rich for good, where detectorTier is auto.'),
  tierKey: z.string('expected a text').default('').meta({
    description:
      'Key that the turns in the rich tier are drawn with, where detectorTier is auto: empty, who knows a node’s name can tell beforehand when its turn comes.',
    secret: true,
  }),
};

/** As stage 1 asks for it. */
export function tierPolicy({ detectorTier, richEntities, tierKey }: TierSettings): TierPolicy {
  return { mode: detectorTier, richEntities, key: tierKey };
}

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
  falseAlarmBudget: decimalNumber(LEAST_BUDGET, MOST_BUDGET)
    .default(PARAMETERS.falseAlarmBudget)
    .describe(
      'False alerts per 1,000 nodes and week that evidence of behaviours may cost, as measured on simulated nodes; less finds less, and later.',
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
  ...tierSettings,
});
export interface TierSettings {
  readonly detectorTier: TierPolicy['mode'];
  readonly richEntities: number;
  readonly tierKey: string;
}
type DetectorConfig = z.infer<typeof detectorConfig>;

/** @throws ConfigError listing what is wrong. */
export function loadDetectorConfig(): DetectorConfig {
  return loadConfig(detectorConfig, { env: process.env }, busProblems, ledgerProblems);
}
