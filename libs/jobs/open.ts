import { z } from 'zod';
import type { LedgerDatabase } from '#libs/ledger/schema.ts';
import type { Logger } from '#libs/runtime/logger.ts';
import { bullJobs } from './bullmq.ts';
import type { Jobs } from './port.ts';
import { embeddedJobs } from './sqlite.ts';

export const jobsSettings = {
  jobs: z.enum(['embedded', 'bullmq']).default('embedded').describe('where jobs wait'),
  redisUrl: z
    .string()
    .regex(/^rediss?:\/\//, 'expected redis://host:port')
    .default('redis://127.0.0.1:6379')
    .describe('address of Redis, for jobs = bullmq'),
  redisPrefix: z.string().min(1).default('davylamp').describe('begins every key in Redis'),
  jobLeaseMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(30_000)
    .describe('ms after which the job of a process that died runs again'),
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
