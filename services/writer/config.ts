import { z } from 'zod';
import { busSettings } from '#libs/bus/open.ts';
import { ledgerSettings } from '#libs/ledger/open.ts';
import { seriesSettings } from '#libs/series/open.ts';
import { RESOLUTIONS } from './policy.ts';

/** Of the writer itself, without those of its ports. */
const writerSettings = {
  resolution: z.enum(RESOLUTIONS).default('full').describe('how much of the stream is stored'),
  writerFlushPoints: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(5_000)
    .describe('points written at once'),
  writerFlushMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(1_000)
    .default(200)
    .describe('how long a point waits for others to be written with'),
  writerBackfillHours: z.coerce
    .number()
    .min(0)
    .max(72)
    .default(24)
    .describe('how far back the frames of a node are stored when it comes onto the resolution topic'),
  writerResolutionPollMs: z.coerce
    .number()
    .int()
    .min(10)
    .max(600_000)
    .default(5_000)
    .describe('how often the resolution topic is looked at, under adaptive'),
};

export type WriterSettings = z.infer<z.ZodObject<typeof writerSettings>>;

export const writerConfig = z.object({
  ...busSettings,
  ...seriesSettings,
  ...ledgerSettings,
  ...writerSettings,
  healthPort: z.coerce.number().int().min(0).max(65_535).optional().describe('of /healthz and /metrics'),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});
