/** Alerts, what belongs to them, and who was told. */
import { z } from 'zod';
import { ALERT_STATES } from '#libs/model/alert.ts';
import { FINDING_KINDS, SEVERITIES } from '#libs/model/finding.ts';
import { count, grade, interval, name, reason, timeMs } from './values.ts';

export const alertRow = z.object({
  id: name,
  cause: z.string(),
  state: z.enum(ALERT_STATES),
  severity: z.enum(SEVERITIES),
  kind: z.enum(FINDING_KINDS),
  site: name,
  tenant: name.nullable(),
  simulated: z.boolean(),
  openedMs: timeMs,
  updatedMs: timeMs,
  resolvedMs: timeMs.nullable(),
  assignee: name.nullable(),
  nodeCount: count,
  summary: z.string(),
});
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .union([item, z.array(item)])
    .transform((value) => [value].flat())
    .optional();
export const alertQuery = z.object({
  state: list(z.enum(ALERT_STATES)),
  severity: list(z.enum(SEVERITIES)),
  site: name.optional(),
  tenant: name.optional(),
  assignee: name.optional(),
  /** `severity`: the gravest first, and of those the newest. */
  order: z.enum(['severity', 'newest']).default('severity'),
  after: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const alertPage = z.object({ rows: z.array(alertRow), next: z.string().nullable() });
export const act = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('acknowledge'), reason: reason.optional() }),
  z.strictObject({ kind: z.literal('assign'), assignee: name.nullable() }),
  z.strictObject({ kind: z.literal('comment'), text: reason }),
  z.strictObject({ kind: z.literal('silence'), untilMs: timeMs, reason }),
  z.strictObject({ kind: z.literal('unsilence'), reason }),
  z.strictObject({ kind: z.literal('escalate'), reason }),
  z.strictObject({ kind: z.literal('resolve'), reason }),
  z.strictObject({ kind: z.literal('reopen'), reason }),
]);
export const ground = z.object({
  rule: z.string(),
  metric: z.string().nullable(),
  weight: z.number(),
  observed: z.number().nullable(),
  expected: z.number().nullable(),
  text: z.string(),
});
export const finding = z.object({
  id: z.string(),
  cause: z.string(),
  kind: z.enum(FINDING_KINDS),
  status: z.enum(['open', 'closed']),
  severity: z.enum(SEVERITIES),
  node: name,
  site: name,
  tenant: name.nullable(),
  openedMs: timeMs,
  updatedMs: timeMs,
  closedMs: timeMs.nullable(),
  onset: interval,
  grade,
  reasons: z.array(ground),
  counterReasons: z.array(ground),
  unseen: z.array(z.string()),
  assessments: z.array(z.object({ windowEndMs: timeMs, revision: z.string() })),
});
export const recordedAct = z.object({
  alert: name,
  number: z.int(),
  atMs: timeMs,
  by: z.string(),
  act,
  state: z.enum(ALERT_STATES),
});
export const delivery = z.object({
  notice: name,
  event: z.enum(['opened', 'resolved', 'escalated']),
  channel: name,
  createdMs: timeMs,
  attempts: count,
  deliveredMs: timeMs.nullable(),
  lastError: z.string().nullable(),
});
/** Findings and nodes: the first 200. */
export const alertDetail = z.object({
  alert: alertRow,
  nodes: z.array(name),
  findings: z.array(finding),
  findingCount: count,
  history: z.array(recordedAct),
  deliveries: z.array(delivery),
});

export type AlertView = z.infer<typeof alertRow>;
export type AlertPage = z.infer<typeof alertPage>;
export type AlertDetail = z.infer<typeof alertDetail>;
export type ActView = z.infer<typeof act>;
export type FindingView = z.infer<typeof finding>;
export type GroundView = z.infer<typeof ground>;
export type DeliveryView = z.infer<typeof delivery>;
