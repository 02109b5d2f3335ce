import { type Example, fitEvidence } from '#libs/detect/evidence/fit.ts';
import type { Score, Scorer } from '#libs/detect/evidence/score.ts';
import type { GpuWindow } from './recorded-gpus.ts';
import { scorerOf } from './scores.ts';

/** Work beside other work is no family that a fit may learn: it is put to all of them. */
const MIXED = 'B11';

/** A window of a recorded GPU, put to two fits that have seen nothing of its family. */
export interface LeftOutGpu extends GpuWindow {
  /** By the model as shipped, which no recording is in. */
  readonly shipped: Score;
  /** By a fit of simulated machines and of the recordings of all other families. */
  readonly taught: Score;
}

/** Fits once for every family of recordings, without it. O(families × windows). */
export function leaveOutGpus(
  windows: readonly GpuWindow[],
  simulated: readonly Example[],
  shipped: Scorer,
): LeftOutGpu[] {
  const score = (scorer: Scorer, { values }: GpuWindow) => scorer.score(scorer.bins(values));
  return [...Map.groupBy(windows, ({ family }) => family)].flatMap(([left, own]) => {
    const others = windows.filter(({ family, behaviour }) => family !== left && behaviour !== MIXED);
    const taught = scorerOf(fitEvidence([...simulated, ...others.map(example)]));
    return own.map((window) => ({
      ...window,
      shipped: score(shipped, window),
      taught: score(taught, window),
    }));
  });
}

function example({ family, behaviour, values }: GpuWindow): Example {
  return { family: `recorded ${family}`, behaviour, values };
}
