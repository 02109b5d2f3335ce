import { z } from 'zod';
import { HEARTBEATS } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour, CONFORMITIES, GRADES, type Grade } from '#libs/model/behaviour.ts';
import { NAME_PATTERN } from '#libs/model/wire.ts';
import type { Point } from '#libs/series/port.ts';

const BEHAVIOUR_KEYS = Object.keys(BEHAVIOURS) as Behaviour[];
const GRADE_KEYS = Object.keys(GRADES) as Grade[];
const grounds = z.array(z.object({ weight: z.number() }));

/** The part of an assessment that is numbers. */
const assessmentNumbers = z.object({
  node: z.string().regex(NAME_PATTERN),
  windowEndMs: z.number().int().positive(),
  behaviours: z.partialRecord(z.enum(BEHAVIOUR_KEYS), z.number()),
  conformity: z.enum(CONFORMITIES),
  grade: z.enum(GRADE_KEYS),
  heartbeat: z.enum(HEARTBEATS),
  coverageRatio: z.number(),
  reasons: grounds,
  counterReasons: grounds,
});

/** The ordinals are places in the model's lists: conformity in CONFORMITIES, grade A = 0, heartbeat in HEARTBEATS. */
const ASSESSMENT_FIELDS = [
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
 * @throws SyntaxError or z.ZodError for what is no assessment.
 */
export function assessmentPoint(bytes: Uint8Array): Point {
  const assessment = assessmentNumbers.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
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
