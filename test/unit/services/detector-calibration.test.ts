import { expect, test } from 'vitest';
import { SHIPPED_MODEL } from '#libs/detect/evidence/shipped.ts';
import { SHIPPED_CALIBRATION } from '#libs/detect/explained/calibration.ts';
import { scorerOf } from '#services/cli/evaluate/traces/scores.ts';
import { measureSeparation } from '#services/cli/evaluate/traces/separation.ts';
import { scoredFamilies } from '#services/cli/evaluate/traces/synthetic-quality.ts';
import { measureCalibration, reliability } from '#services/detector-calibration.ts';

test('the committed calibration is the one that `node services/detector-calibration.ts` measures', {
  timeout: 120_000,
}, () => {
  const scorer = scorerOf(SHIPPED_MODEL);
  const windows = scoredFamilies(scorer, () => undefined).flatMap((one) => one.windows);
  expect(measureCalibration(windows, measureSeparation(scorer))).toEqual(SHIPPED_CALIBRATION);
});

test('verdicts are grouped by what was said, and intervals count runs of ten windows', () => {
  const verdicts = Array.from({ length: 100 }, (_, index) => ({
    probability: index < 40 ? 0.25 : 0.85,
    right: index % 4 === 0,
    weight: 1,
  }));
  const [low, high] = reliability(verdicts);
  expect(low).toMatchObject({ said: 0.25, held: 0.25, windows: 40 });
  expect(high).toMatchObject({ said: 0.85, held: 0.25, windows: 60 });
  // Wilson's interval of 1 in 4.
  expect(low?.low).toBeCloseTo(0.0456, 3);
  expect(low?.high).toBeCloseTo(0.6994, 3);
});

test('a window that counts little moves the share little', () => {
  const of = (right: boolean, weight: number) => ({ probability: 0.5, right, weight });
  const [point] = reliability([of(true, 1), of(false, 3)]);
  expect(point).toMatchObject({ held: 0.25, windows: 2 });
});
