import { z } from 'zod';
import { type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { LEAST_BUDGET, MOST_BUDGET } from '#libs/detect/sequential/calibration.ts';
import { HISTORY_WINDOWS } from '#libs/detect/tier.ts';
import { rangeText } from '#libs/runtime/settings.ts';

type Name = keyof DetectParameters;
export type SomeParameters = Partial<DetectParameters>;

/** Windows of a node that stage 2 remembers (libs/detect/site-state.ts). */
const NOTED_WINDOWS = 16;

/** Whole numbers, by how their names end; the first that fits counts. */
const WHOLE: readonly (readonly [pattern: RegExp, min: number, max: number])[] = [
  [/^(referenceWindows|youngWindows)$/, 1, HISTORY_WINDOWS],
  [/^(openWindows|openOfWindows|closeWindows)$/, 1, NOTED_WINDOWS],
  [/^warmUpWindows$|Ms$/, 0, Number.MAX_SAFE_INTEGER],
  [/^version$|Ticks$|Windows$|Samples$|Grounds$|^minPeers$/, 1, Number.MAX_SAFE_INTEGER],
];
const BETWEEN_0_AND_1 = /Confidence$|Probability$|Prior$/;
/** A log-likelihood ratio is no share. */
const SHARE = /(?<!Likelihood)Ratio$/;

/** Any subset of `libs/detect/parameters.ts`; unknown keys and impossible values are problems. */
export const parametersSchema = z
  .strictObject(
    Object.fromEntries((Object.keys(PARAMETERS) as Name[]).map((name) => [name, field(name).optional()])),
  )
  .transform((given) => given as SomeParameters);

function field(name: Name): z.ZodType<number> {
  for (const [pattern, min, max] of WHOLE) {
    if (!pattern.test(name)) continue;
    const expected = `expected a whole number, ${rangeText(min, max)}`;
    return z.int(expected).min(min, expected).max(max, expected);
  }
  if (name === 'falseAlarmBudget') {
    const expected = `expected a number, ${rangeText(LEAST_BUDGET, MOST_BUDGET)}`;
    return z.number(expected).min(LEAST_BUDGET, expected).max(MOST_BUDGET, expected);
  }
  if (BETWEEN_0_AND_1.test(name)) {
    const expected = 'expected a number above 0 and below 1';
    return z.number(expected).gt(0, expected).lt(1, expected);
  }
  if (SHARE.test(name)) {
    const expected = 'expected a number, 0..1';
    return z.number(expected).min(0, expected).max(1, expected);
  }
  if (/LogOdds$/.test(name)) return z.number('expected a number');
  const expected = 'expected a number, 0 or more';
  return z.number(expected).min(0, expected);
}

/** What does not fit together, of numbers that are sound one by one. */
export function misfits(parameters: DetectParameters): readonly string[] {
  const orders: readonly (readonly [less: Name, more: Name])[] = [
    ['openWindows', 'openOfWindows'],
    ['youngWindows', 'referenceWindows'],
    ['mediumGrounds', 'highGrounds'],
  ];
  const problems = orders
    .filter(([less, more]) => parameters[less] > parameters[more])
    .map(
      ([less, more]) => `${less}: expected at most ${more} (${parameters[more]}), got ${parameters[less]}`,
    );
  const { missedTicks, blindTicks, unknownPrior, rarePrior } = parameters;
  if (missedTicks >= blindTicks)
    problems.push(`missedTicks: expected less than blindTicks (${blindTicks}), got ${missedTicks}`);
  if (unknownPrior + rarePrior >= 1)
    problems.push(
      `unknownPrior: expected less than 1 together with rarePrior (${rarePrior}), got ${unknownPrior}`,
    );
  return problems;
}
