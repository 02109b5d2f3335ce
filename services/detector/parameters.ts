import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';

/** The settings that are part of what a verdict depends on. */
export interface ParameterSettings {
  /** ms that device time may be ahead of receive time: more only where event time is accelerated. */
  readonly clockAheadMs: number;
  /** False alerts per 1,000 nodes and week that evidence of behaviours may cost. */
  readonly falseAlarmBudget: number;
}

/** The shipped parameters with those of an installation: others make other revisions. */
export function parametersOf({ clockAheadMs, falseAlarmBudget }: ParameterSettings): DetectParameters {
  return { ...PARAMETERS, clockAheadMs, falseAlarmBudget };
}
