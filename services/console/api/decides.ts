import { createHash } from 'node:crypto';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { type Calibration, fingerprintOf, SHIPPED_CALIBRATION } from '#libs/detect/explained/calibration.ts';
import { explain } from '#libs/detect/explained/explain.ts';
import { PARTS } from '#libs/detect/explained/meanings.ts';
import { chapters, LIMITS } from '#libs/detect/explained/words.ts';
import { DETECTOR, type DetectParameters, PARAMETERS } from '#libs/detect/parameters.ts';
import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import { FAMILIES } from '#libs/traces/families.ts';
import { type DecidesView, decides } from './contract/decides.ts';
import type { ApiServer } from './server.ts';

const ORDER = Object.keys(BEHAVIOURS);

/** How verdicts are decided: the same for everybody, and open to everybody who is logged in. */
export function decidesRoutes(server: ApiServer): void {
  const body = decidesBy(PARAMETERS, SHIPPED_CALIBRATION);
  server.route({
    method: 'GET',
    url: '/api/decides',
    schema: {
      summary: 'Every feature, weight and threshold that verdicts are decided by, and where each comes from.',
      response: { 200: decides },
    },
    config: { caller: 'tenant' },
    handler: () => body,
  });
}

/** @param calibration left out where it was measured with another model or other parameters */
export function decidesBy(parameters: DetectParameters, calibration: Calibration): DecidesView {
  const { families, features, parameters: numbers, fixed, made } = explain(SHIPPED_MODEL, parameters);
  const ranges = new Map(FAMILIES.map((family) => [family.name, Object.entries(family)]));
  const holds = calibration.fingerprint === fingerprintOf(SHIPPED_MODEL, parameters, sha256);
  return {
    detector: DETECTOR,
    made: { ...made },
    chapters: chapters(parameters).map(({ title, paragraphs }) => ({ title, paragraphs: [...paragraphs] })),
    limits: LIMITS.map(([question, answer]) => [question, answer]),
    features: features.map((feature) => ({ ...feature, edges: [...feature.edges] })),
    families: families.toSorted(byBehaviour).map((family) => ({
      ...family,
      bins: family.bins.map((bins) => bins && [...bins]),
      terms: family.terms.map((terms) => [...terms]),
      ranges: Object.fromEntries((ranges.get(family.name) ?? []).filter(isRange)),
    })),
    parts: PARTS,
    parameters: numbers.map((number) => ({ ...number })),
    fixed: fixed.map((number) => ({ ...number })),
    calibration: { command: calibration.command, measured: holds ? measured(calibration) : null },
  };
}

/** In the order of behaviours; within one as in the model, by name. */
function byBehaviour(a: { behaviour: Behaviour }, b: { behaviour: Behaviour }): number {
  return ORDER.indexOf(a.behaviour) - ORDER.indexOf(b.behaviour);
}

function isRange(entry: [string, unknown]): entry is [string, [number, number]] {
  return Array.isArray(entry[1]);
}

function measured({ data, curves, separation }: Calibration): DecidesView['calibration']['measured'] {
  return {
    data,
    curves: curves.map(({ name, points }) => ({ name, points: points.map((one) => ({ ...one })) })),
    separation: {
      ...separation,
      levels: separation.levels.map(({ level, steady, hidden }) => ({
        ...{ level, steady: { ...steady }, hidden: { ...hidden } },
      })),
      features: separation.features.map((one) => ({ ...one })),
    },
  };
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}
