import { z } from 'zod';
import { FEATURES } from '#libs/detect/evidence/features.ts';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';

const names = FEATURES.map(({ name }) => name);

const feature = z.strictObject({
  name: z.string('expected a text'),
  edges: z
    .array(z.number('expected a number'), 'expected an array of numbers')
    .min(1, 'expected at least one edge')
    .refine(
      (edges) => edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? edge)),
      'expected edges that rise',
    ),
});

const family = z.strictObject({
  name: z.string('expected a text').min(1, 'expected a name'),
  behaviour: z.enum(Object.keys(BEHAVIOURS) as [Behaviour, ...Behaviour[]], 'expected one of B0 to B13'),
  bins: z.array(
    z
      .array(
        z
          .number('expected a probability')
          .gt(0, 'expected a probability above 0')
          .max(1, 'expected at most 1'),
      )
      .nullable(),
    'expected an array of arrays of probabilities, or null',
  ),
});

/** The form of `libs/detect/evidence/model.json`; `davylamp train` writes it. */
export const modelSchema = z
  .looseObject({
    version: z.number('expected a number').optional(),
    features: z.array(feature, 'expected an array'),
    families: z.array(family, 'expected an array').min(1, 'expected at least one family'),
  })
  .superRefine(({ features, families }, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    // Features are known to the scorer by their place.
    if (features.map(({ name }) => name).join() !== names.join())
      problem(['features'], `expected the features of this detector, in its order: ${names.join(', ')}`);
    families.forEach(({ bins }, at) => {
      const fits =
        bins.length === features.length &&
        bins.every((one, i) => one === null || one.length === (features[i]?.edges.length ?? 0) + 1);
      if (!fits)
        problem(
          ['families', at, 'bins'],
          'expected for each feature one bin more than it has edges, or null',
        );
    });
  });
