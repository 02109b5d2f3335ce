import { z } from 'zod';
import { GRADES, type Grade } from '#libs/model/behaviour.ts';
import { FINDING_KINDS, type Finding, SEVERITIES } from '#libs/model/finding.ts';

/** A message that is not a finding; the message says which field is wrong and how. */
export class MalformedFindingError extends Error {
  override readonly name = 'MalformedFindingError';
}

const name = z.string().min(1).max(500);
const timeMs = z.int().min(0);
const number = z.number().nullable();

const ground = z.object({
  rule: name,
  metric: z.string().nullable(),
  weight: z.number(),
  observed: number,
  expected: number,
  text: z.string(),
});

const schema = z.object({
  id: name,
  cause: name,
  kind: z.enum(FINDING_KINDS),
  status: z.enum(['open', 'closed']),
  severity: z.enum(SEVERITIES),
  node: name,
  site: name,
  tenant: name.nullable(),
  openedMs: timeMs,
  updatedMs: timeMs,
  closedMs: timeMs.nullable(),
  onset: z.object({ fromMs: timeMs, toMs: timeMs }).nullable(),
  grade: z.enum(Object.keys(GRADES) as [Grade, ...Grade[]]),
  reasons: z.array(ground),
  counterReasons: z.array(ground),
  unseen: z.array(z.string()),
  assessments: z.array(z.object({ windowEndMs: timeMs, revision: z.string() })),
}) satisfies z.ZodType<Finding>;

/** Reads a finding's JSON. @throws MalformedFindingError */
export function parseFinding(bytes: Uint8Array): Finding {
  const parsed = schema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'message'}: ${message}`,
  );
  throw new MalformedFindingError(problems.join('; '));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new MalformedFindingError(`expected JSON in UTF-8: ${(cause as Error).message}`, { cause });
  }
}
