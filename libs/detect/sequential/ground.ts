import type { Ground } from '#libs/model/assessment.ts';
import type { DetectParameters } from '../parameters.ts';
import { round } from '../spread.ts';
import { against } from '../verdict.ts';
import type { Standing } from './standing.ts';

/** Rule of the ground. */
export const GATHERED = 'sequential';
/** By the place of the memory. */
const OVER = ['a few minutes', 'an hour', 'a day'];

/** What the sum that speaks says, for a person. @param thresholds one for each memory */
export function groundOf(
  { loudest: { memory, sum } }: Standing,
  thresholds: readonly number[],
  { weightCap, falseAlarmBudget }: DetectParameters,
): Ground {
  const threshold = round(thresholds[memory] ?? 0);
  return {
    rule: GATHERED,
    metric: null,
    weight: Math.min(weightCap, round(sum)),
    observed: round(sum),
    expected: threshold,
    text: `over about ${OVER[memory]} the counters spoke for what is not declared by ${round(sum)} nats a window; it is raised from ${threshold} on, a level for ${falseAlarmBudget} false alerts per 1,000 nodes and week on simulated machines`,
  };
}

/** What speaks against every such sum. */
export const AGAINST_SUM: readonly Ground[] = [
  against(
    'Windows of one job are alike: many that look odd are hardly more evidence than one, and a kind of job that nobody has described can look like this for as long as it runs.',
  ),
];
