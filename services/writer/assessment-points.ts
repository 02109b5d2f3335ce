import { z } from 'zod';
import { type Assessment, HEARTBEATS } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour, CONFORMITIES, GRADES, type Grade } from '#libs/model/behaviour.ts';
import { NAME_PATTERN } from '#libs/model/wire.ts';
import type { Point } from '#libs/series/port.ts';

const BEHAVIOUR_KEYS = Object.keys(BEHAVIOURS) as Behaviour[];
const GRADE_KEYS = Object.keys(GRADES) as Grade[];
const timeMs = z.number().int();
const grounds = z.array(
  z.object({
    rule: z.string(),
    metric: z.string().nullable(),
    weight: z.number(),
    observed: z.number().nullable(),
    expected: z.number().nullable(),
    text: z.string(),
  }),
);

const assessmentShape = z.object({
  node: z.string().regex(NAME_PATTERN),
  site: z.string(),
  tenant: z.string().nullable(),
  windowStartMs: timeMs,
  windowEndMs: timeMs.positive(),
  revision: z.string().min(1),
  detector: z.string(),
  declaration: z.string().nullable(),
  behaviours: z.partialRecord(z.enum(BEHAVIOUR_KEYS), z.number()),
  logOdds: z.exactOptional(z.number().nullable()),
  conformity: z.enum(CONFORMITIES),
  grade: z.enum(GRADE_KEYS),
  heartbeat: z.enum(HEARTBEATS),
  coverageRatio: z.number(),
  reasons: grounds,
  counterReasons: grounds,
  shares: z.exactOptional(
    z.object({
      fromMs: timeMs,
      windows: z.number().int(),
      behaviours: z.partialRecord(
        z.enum(BEHAVIOUR_KEYS),
        z.object({ share: z.number(), low: z.number(), high: z.number() }),
      ),
    }),
  ),
  onset: z.object({ fromMs: timeMs, toMs: timeMs }).nullable(),
  unseen: z.array(z.string()),
});

/** @throws SyntaxError or z.ZodError for what is no assessment. */
export function parseAssessment(bytes: Uint8Array): Assessment {
  return assessmentShape.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

/** The ordinals are places in the model's lists: conformity in CONFORMITIES, grade A = 0, heartbeat in HEARTBEATS. */
export const ASSESSMENT_FIELDS = [
  ...BEHAVIOUR_KEYS.map((behaviour) => `behaviour_${behaviour}_ratio`),
  'conformity_ordinal',
  'grade_ordinal',
  'heartbeat_ordinal',
  'coverage_ratio',
  'reasons_weight_nats',
  'counter_reasons_weight_nats',
] as const;

/**
 * The numbers of an assessment as one point of the entity `host` at the end of its window. Every field is written,
 * so that a later revision leaves nothing of an earlier one.
 */
export function assessmentPoint(assessment: Assessment): Point {
  return {
    measurement: 'assessment',
    node: assessment.node,
    entity: 'host',
    timeMs: assessment.windowEndMs,
    fields: ASSESSMENT_FIELDS,
    values: [
      ...BEHAVIOUR_KEYS.map((behaviour) => assessment.behaviours[behaviour] ?? 0),
      CONFORMITIES.indexOf(assessment.conformity),
      GRADE_KEYS.indexOf(assessment.grade),
      HEARTBEATS.indexOf(assessment.heartbeat),
      assessment.coverageRatio,
      sum(assessment.reasons),
      sum(assessment.counterReasons),
    ],
  };
}

const sum = (terms: readonly { weight: number }[]): number =>
  terms.reduce((total, { weight }) => total + weight, 0);
