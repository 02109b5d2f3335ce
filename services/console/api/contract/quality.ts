/** What was lost, and who is silent. */
import { z } from 'zod';
import { HEARTBEATS } from '#libs/model/assessment.ts';
import { delivery } from './alerts.ts';
import { lossRow } from './node.ts';
import { count, name, timeMs } from './values.ts';

export const deadLetter = z.object({
  atMs: timeMs,
  topic: z.string(),
  service: z.string(),
  reason: z.string(),
  node: z.string().nullable(),
});
export const quality = z.object({
  totals: lossRow.omit({ node: true, boot: true }),
  /** Those with losses first; the first 500. */
  rows: z.array(lossRow),
  chains: count,
  dead: z.array(deadLetter),
  failing: z.array(delivery),
  /** That are set up. */
  channels: count,
  silent: z.array(
    z.object({ node: name, site: name, heartbeat: z.enum(HEARTBEATS), lastMs: timeMs.nullable() }),
  ),
});

export type QualityView = z.infer<typeof quality>;
