/** A node, its verdicts and its series. */
import { z } from 'zod';
import { HEARTBEATS } from '#libs/model/assessment.ts';
import { CONFORMITIES } from '#libs/model/behaviour.ts';
import { finding, ground } from './alerts.ts';
import { behaviour, count, grade, interval, name, timeMs } from './values.ts';

const share = z.object({ share: z.number(), low: z.number(), high: z.number() });
/** The last 24 hours by behaviour, with bounds: in the first assessment of each hour alone. */
const shares = z.object({ fromMs: timeMs, windows: count, behaviours: z.partialRecord(behaviour, share) });
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
  logOdds: z.exactOptional(z.number().nullable()),
  conformity: z.enum(CONFORMITIES),
  grade,
  heartbeat: z.enum(HEARTBEATS),
  coverageRatio: z.number(),
  reasons: z.array(ground),
  counterReasons: z.array(ground),
  shares: z.exactOptional(shares),
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
  /** `confidential`: its GPU has confidential computing on, by the newest value of its mode. */
  entities: z.array(z.object({ name: z.string(), metrics: z.array(z.string()), confidential: z.boolean() })),
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

export type AssessmentView = z.infer<typeof assessment>;
export type DossierView = z.infer<typeof dossier>;
export type SeriesReply = z.infer<typeof seriesReply>;
