/** The words of `GET /api/decides`: everything that verdicts are decided by. Features stand in one order everywhere. */
import { z } from 'zod';
import { PARTS } from '#libs/detect/explained/meanings.ts';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';

const text = z.string();
const ratio = z.number().min(0).max(1);

const feature = z.object({
  name: text,
  level: z.enum(['L1', 'L2', 'L3', 'N']),
  words: text,
  metric: text,
  unit: z.enum(['ratio', 'share', 'log10 By/s', 'number']),
  /** Inner edges of its bins, ascending: one bin more than edges. */
  edges: z.array(z.number()),
});
/** By feature: the probability of each bin (null: its windows never had it), and what each bin says for it in nats. */
const family = z.object({
  name: text,
  behaviour: z.enum(Object.keys(BEHAVIOURS) as Behaviour[]),
  side: z.enum(['undeclared', 'ordinary', 'unknown']),
  bins: z.array(z.array(ratio).nullable()),
  terms: z.array(z.array(z.number())),
  /** What its simulated runs were drawn from: lowest and highest, by name. */
  ranges: z.record(text, z.tuple([z.number(), z.number()])),
});
const number = z.object({ name: text, value: z.number(), unit: text, meaning: text });
const parameter = number.extend({ part: text, source: text });
const point = z.object({
  said: ratio,
  held: ratio,
  low: ratio,
  high: ratio,
  windows: z.int().min(0),
});

const told = z.object({ share: ratio, low: ratio, high: ratio });

export const decides = z.object({
  detector: text,
  /** What made the tables of bins. */
  made: z.object({ command: text, data: text, windows: z.int().min(0) }),
  chapters: z.array(z.object({ title: text, paragraphs: z.array(text) })),
  /** Questions, and whether telemetry can answer them. */
  limits: z.array(z.tuple([text, text])),
  features: z.array(feature),
  families: z.array(family),
  /** Titles of the parts that parameters are shown in, in order. */
  parts: z.record(z.enum(Object.keys(PARTS) as (keyof typeof PARTS)[]), text),
  parameters: z.array(parameter),
  fixed: z.array(number),
  calibration: z.object({
    command: text,
    /** Null: not measured for this model and these parameters. */
    measured: z
      .object({
        data: text,
        curves: z.array(z.object({ name: text, points: z.array(point) })),
        /** Matmul proof-of-work against INT8 inference. */
        separation: z.object({
          mistaken: ratio,
          windows: z.int().min(0),
          levels: z.array(z.object({ level: text, steady: told, hidden: told })),
          features: z.array(z.object({ words: text, level: text, effect: z.number().min(-1).max(1) })),
        }),
      })
      .nullable(),
  }),
});

export type DecidesView = z.infer<typeof decides>;
export type FeatureView = DecidesView['features'][number];
export type FamilyView = DecidesView['families'][number];
