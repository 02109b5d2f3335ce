import { BEHAVIOURS, CONFORMITIES, GRADES } from '#libs/model/behaviour.ts';

/** What a strip can show of a verdict: its behaviour, its conformity, its trust grade. */
export const DIMENSIONS = ['behaviour', 'conformity', 'grade'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** The values of each, in the order of the model: a strip's characters are places in these lists. */
export const VALUES: Readonly<Record<Dimension, readonly string[]>> = {
  behaviour: Object.keys(BEHAVIOURS),
  conformity: CONFORMITIES,
  grade: Object.keys(GRADES),
};
