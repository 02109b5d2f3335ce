/** Silences and channels. */
import { z } from 'zod';
import { FINDING_KINDS } from '#libs/model/finding.ts';
import { count, name, reason, timeMs } from './values.ts';

export const silenceScope = z
  .strictObject({
    alert: name.optional(),
    site: name.optional(),
    tenant: name.optional(),
    kind: z.enum(FINDING_KINDS).optional(),
    nodes: z.array(name).min(1).max(1_000).optional(),
  })
  .refine(
    (scope) => Object.values(scope).some((value) => value !== undefined),
    'expected at least one field',
  );
export const newSilence = z
  .strictObject({
    purpose: z.enum(['silence', 'maintenance']),
    scope: silenceScope,
    fromMs: timeMs,
    untilMs: timeMs,
    reason,
  })
  .refine(({ fromMs, untilMs }) => fromMs < untilMs, 'expected untilMs after fromMs');
export const silence = z.object({
  id: name,
  purpose: z.enum(['silence', 'maintenance']),
  scope: z.object({
    alert: name.optional(),
    site: name.optional(),
    tenant: name.optional(),
    kind: z.enum(FINDING_KINDS).optional(),
    nodes: z.array(name).optional(),
  }),
  fromMs: timeMs,
  untilMs: timeMs,
  reason: z.string(),
  by: z.string(),
  createdMs: timeMs,
  endedMs: timeMs.nullable(),
  endedBy: z.string().nullable(),
});
export const channel = z.object({
  name,
  target: z.string(),
  reportedMs: timeMs,
  waiting: count,
  failing: count,
  lastError: z.string().nullable(),
});

export type SilenceView = z.infer<typeof silence>;
export type NewSilence = z.infer<typeof newSilence>;
export type ChannelView = z.infer<typeof channel>;
