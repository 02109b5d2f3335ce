/**
 * The words of the console's API: every body that goes in or out, as a schema. The OpenAPI description is generated
 * from them, and the pages are typed by them. Times are Unix milliseconds; ratios 0–1.
 */
import { z } from 'zod';
import { ALERT_STATES } from '#libs/model/alert.ts';
import { HEARTBEATS } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour, CONFORMITIES, GRADES, type Grade } from '#libs/model/behaviour.ts';
import { FINDING_KINDS, SEVERITIES } from '#libs/model/finding.ts';
import { PERSON_NAME, ROLES } from '#libs/model/person.ts';

const timeMs = z.int().min(0);
const name = z.string().min(1).max(128);
const reason = z.string().trim().min(1).max(2_000);
const behaviour = z.enum(Object.keys(BEHAVIOURS) as Behaviour[]);
const grade = z.enum(Object.keys(GRADES) as Grade[]);
const count = z.int().min(0);

// Who is there.
export const credentials = z.strictObject({ name, password: z.string().min(1).max(1_000) });
export const person = z.object({
  name,
  role: z.enum(ROLES),
  tenant: name.nullable(),
  disabled: z.boolean(),
  createdMs: timeMs,
});
/** `simulated`: at least one node that this person sees is simulated. */
export const session = z.object({ person, version: z.string(), simulated: z.boolean() });
export const passwordChange = z.strictObject({
  current: z.string().max(1_000),
  next: z.string().min(12).max(1_000),
});
/** `tenant` is given exactly when the role is `tenant`. */
export const newPerson = z.strictObject({
  name: z.string().regex(PERSON_NAME, 'expected 1 to 64 letters, digits, ".", "-", "_" or "@"'),
  role: z.enum(ROLES),
  tenant: name.nullable(),
});
export const personChange = z.strictObject({
  role: z.enum(ROLES).optional(),
  tenant: name.nullable().optional(),
  disabled: z.boolean().optional(),
});
/** A password that the product made; shown once. */
export const madePassword = z.object({ name, password: z.string() });

// The fleet.
export const SPANS = {
  hour: { cells: 60, cellMs: 60_000 },
  day: { cells: 96, cellMs: 900_000 },
  week: { cells: 84, cellMs: 7_200_000 },
} as const;
export type Span = keyof typeof SPANS;
export const boardQuery = z.object({ span: z.enum(['hour', 'day', 'week']).default('day') });
/**
 * Strips have a character a cell, oldest first: the place of the value in the model's list in base 36 (behaviour,
 * conformity, grade), `.` for no verdict. Of several verdicts in a cell the gravest conformity and grade, and the
 * behaviour that held longest.
 */
export const boardRow = z.object({
  node: name,
  site: name,
  tenant: name.nullable(),
  hardware: z.string().nullable(),
  simulated: z.boolean(),
  heartbeat: z.enum(HEARTBEATS).nullable(),
  /** End of the newest window in which it was heard. */
  lastMs: timeMs.nullable(),
  /** Highest of its open findings. */
  severity: z.enum(SEVERITIES).nullable(),
  behaviours: z.string(),
  conformities: z.string(),
  grades: z.string(),
});
/** `toMs`: the end of the newest cell in event time. */
export const board = z.object({ toMs: timeMs, cellMs: z.int(), cells: z.int(), rows: z.array(boardRow) });
/** `timeMs`: the present in event time. `alerts`: those that are not resolved. */
export const overview = z.object({
  timeMs,
  nodes: count,
  heartbeats: z.partialRecord(z.enum(HEARTBEATS), count),
  conformities: z.partialRecord(z.enum(CONFORMITIES), count),
  grades: z.partialRecord(grade, count),
  behaviours: z.partialRecord(behaviour, count),
  alerts: z.partialRecord(z.enum(ALERT_STATES), count),
  findings: z.partialRecord(z.enum(FINDING_KINDS), count),
});

// Alerts.
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
const interval = z.object({ fromMs: timeMs, toMs: timeMs }).nullable();
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

// A node.
export const assessment = z.object({
  node: name,
  site: name,
  tenant: name.nullable(),
  windowStartMs: timeMs,
  windowEndMs: timeMs,
  revision: z.string(),
  detector: z.string(),
  declaration: z.string().nullable(),
  behaviours: z.partialRecord(behaviour, z.number()),
  conformity: z.enum(CONFORMITIES),
  grade,
  heartbeat: z.enum(HEARTBEATS),
  coverageRatio: z.number(),
  reasons: z.array(ground),
  counterReasons: z.array(ground),
  onset: interval,
  unseen: z.array(z.string()),
});
export const declaration = z.object({
  id: z.string(),
  version: z.int(),
  tenant: name,
  behaviours: z.array(behaviour),
  envelope: z.array(z.object({ metric: z.string(), min: z.number().nullable(), max: z.number().nullable() })),
  validFromMs: timeMs,
  validToMs: timeMs.nullable(),
  approver: z.string(),
  recordedMs: timeMs,
});
export const lossRow = z.object({
  node: name,
  boot: z.string(),
  sent: count,
  stored: count,
  dead: count,
  dropped: count,
  inFlight: count,
});
/**
 * `history`: kept assessments, newest first. `findings`: the first 200, open ones first, then the newest.
 * `declarations`: of its tenancy, newest version first. `metrics`: those with values in the last minutes it was heard.
 */
export const dossier = z.object({
  node: name,
  site: name,
  tenant: name.nullable(),
  hardware: z.string().nullable(),
  simulated: z.boolean(),
  enrolled: z.boolean(),
  firstSeenMs: timeMs,
  decommissionedMs: timeMs.nullable(),
  assessment: assessment.nullable(),
  history: z.array(assessment),
  findings: z.array(finding),
  declarations: z.array(declaration),
  loss: z.array(lossRow),
  entities: z.array(z.object({ name: z.string(), metrics: z.array(z.string()) })),
});
/** Unit and meaning of a metric, from the catalogue. */
export const metricInfo = z.object({
  name: z.string(),
  unit: z.string(),
  source: z.string(),
  texture: z.boolean(),
});
export const seriesQuery = z.object({
  entity: z.string().regex(/^(host|gpu\d{1,3})$/),
  /** Columns of the catalogue, separated by commas: at most 12. */
  fields: z.string().max(2_000),
  fromMs: z.coerce.number().int().min(0),
  toMs: z.coerce.number().int().min(0),
});
/**
 * `values[i][j]`: field i at time j; null: not measured. `frame`: every frame, for 24 hours at most; else one-minute
 * summaries, for 31 days at most.
 */
export const seriesReply = z.object({
  detail: z.enum(['frame', 'summary']),
  fields: z.array(z.string()),
  timesMs: z.array(timeMs),
  values: z.array(z.array(z.number().nullable())),
});

// Data quality.
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
  silent: z.array(
    z.object({ node: name, site: name, heartbeat: z.enum(HEARTBEATS), lastMs: timeMs.nullable() }),
  ),
});

// Settings.
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

/** Every answer that is not 2xx. */
export const problem = z.object({ code: z.string(), message: z.string() });

/** Messages of `GET /api/live` (server-sent events): the event's name and its data. */
export const liveVerdicts = z.array(
  z.object({
    node: name,
    windowEndMs: timeMs,
    behaviour,
    conformity: z.enum(CONFORMITIES),
    grade,
    heartbeat: z.enum(HEARTBEATS),
  }),
);

export type Credentials = z.infer<typeof credentials>;
export type PersonView = z.infer<typeof person>;
export type SessionView = z.infer<typeof session>;
export type BoardView = z.infer<typeof board>;
export type BoardRow = z.infer<typeof boardRow>;
export type OverviewView = z.infer<typeof overview>;
export type AlertRow = z.infer<typeof alertRow>;
export type AlertPage = z.infer<typeof alertPage>;
export type AlertDetail = z.infer<typeof alertDetail>;
export type ActView = z.infer<typeof act>;
export type FindingView = z.infer<typeof finding>;
export type GroundView = z.infer<typeof ground>;
export type AssessmentView = z.infer<typeof assessment>;
export type DossierView = z.infer<typeof dossier>;
export type SeriesReply = z.infer<typeof seriesReply>;
export type QualityView = z.infer<typeof quality>;
export type SilenceView = z.infer<typeof silence>;
export type NewSilence = z.infer<typeof newSilence>;
export type ChannelView = z.infer<typeof channel>;
export type DeliveryView = z.infer<typeof delivery>;
export type LiveVerdict = z.infer<typeof liveVerdicts>[number];
export type Problem = z.infer<typeof problem>;
