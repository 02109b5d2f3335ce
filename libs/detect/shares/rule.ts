import type { BehaviourShares, Ground } from '#libs/model/assessment.ts';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import { RARE } from '../evidence/score.ts';
import type { DetectParameters } from '../parameters.ts';
import { weigh } from '../spread.ts';

/** What nobody declares as ordinary compute, is not on this declaration, and had more than the least share for sure. */
export function sharesGrounds(
  { behaviours, windows }: BehaviourShares,
  declared: ReadonlySet<Behaviour>,
  parameters: DetectParameters,
): readonly Ground[] {
  return [...RARE]
    .filter((behaviour) => !declared.has(behaviour))
    .flatMap((behaviour): Ground[] => {
      const { share, low, high } = behaviours[behaviour] ?? { share: 0, low: 0, high: 0 };
      if (low < parameters.sharesFloorRatio) return [];
      return [
        {
          rule: 'shares',
          metric: null,
          weight: weigh(Math.log(low / parameters.sharesFloorRatio), parameters),
          observed: share,
          expected: parameters.sharesFloorRatio,
          text: `over the last 24 hours (${windows} windows) the mix that explains the counters best has ${percent(share)} of ${BEHAVIOURS[behaviour]}, at least ${percent(low)} and at most ${percent(high)}; it is not on the declaration`,
        },
      ];
    });
}

const percent = (ratio: number) => `${Math.round(100 * ratio)} %`;
