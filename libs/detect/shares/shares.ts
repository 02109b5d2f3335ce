import type { BehaviourShares, Ground } from '#libs/model/assessment.ts';
import type { Behaviour } from '#libs/model/behaviour.ts';
import type { Scorer } from '../evidence/score.ts';
import type { NodeTable } from '../node-table.ts';
import type { NodeWindow } from '../node-window.ts';
import type { DetectParameters } from '../parameters.ts';
import { addWindow, type ShareSubject, tellShares } from './estimate.ts';
import { partsOf, type Shown } from './parts.ts';
import { sharesGrounds } from './rule.ts';

export interface HourShares {
  /** Null but in the first window of an hour. */
  readonly shares: BehaviourShares | null;
  readonly grounds: readonly Ground[];
}

export const NO_SHARES: HourShares = { shares: null, grounds: [] };

/**
 * Takes a window into the shares of its node, and tells them once an hour. To be called once a window.
 * @param shown null for a window that too few frames cover: it counts for nothing, as one from the cheap tier
 * @param declared behaviours of the declaration in force; null without one
 */
export function hourShares(
  table: NodeTable,
  { row, cheap }: Pick<NodeWindow, 'row' | 'cheap'>,
  subject: ShareSubject,
  shown: Shown | null,
  declared: ReadonlySet<Behaviour> | null,
  scorer: Scorer,
  parameters: DetectParameters,
): HourShares {
  const panes = table.tierOf(row).shares;
  if (panes === null) return NO_SHARES;
  const place = table.placeOf(row);
  if (shown !== null && !cheap) addWindow(panes, place, subject, partsOf(shown, scorer), parameters);
  const shares = tellShares(panes, place, subject, parameters);
  if (shares === null) return NO_SHARES;
  return { shares, grounds: declared === null ? [] : sharesGrounds(shares, declared, parameters) };
}
