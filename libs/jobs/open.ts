import { z } from 'zod';
import type { LedgerDatabase } from '#libs/ledger/schema.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { choice, filledText, wholeNumber } from '#libs/runtime/settings.ts';
import { bullJobs } from './bullmq.ts';
import type { Jobs } from './port.ts';
import { embeddedJobs } from './sqlite.ts';

/** The settings of the job store, to spread into a service's schema. */
export const jobsSettings = {
  jobs: choice(['embedded', 'bullmq']).default('embedded').describe('Where jobs wait.'),
  redisUrl: z
    .string('expected redis://host:port')
    .regex(/^rediss?:\/\//, 'expected redis://host:port')
    .default('redis://127.0.0.1:6379')
    .meta({ description: 'Address of Redis, where jobs is bullmq.', secret: true }),
  redisPrefix: filledText().default('davylamp').describe('Begins every key in Redis.'),
  jobLeaseMs: wholeNumber(100, 600_000)
    .default(30_000)
    .describe('Milliseconds after which the job of a process that died runs again.'),
};

export type JobsSettings = z.infer<z.ZodObject<typeof jobsSettings>>;

const QUIET_MS = 10_000;

/** Opens the job store. The embedded one keeps its rows in the ledger's database, migrated before. */
export function openJobs(settings: JobsSettings, database: LedgerDatabase, log: Logger): Jobs {
  const leaseMs = settings.jobLeaseMs;
  let quietUntilMs = 0;
  const failed = (err: unknown) => {
    // A server that is away fails every connection twice a second.
    if (Date.now() < quietUntilMs) return;
    quietUntilMs = Date.now() + QUIET_MS;
    log.warn({ err }, 'the job store failed; going on');
  };
  if (settings.jobs === 'embedded') return embeddedJobs(database, { leaseMs, failed });
  return bullJobs({ url: settings.redisUrl, prefix: settings.redisPrefix, leaseMs, failed });
}
