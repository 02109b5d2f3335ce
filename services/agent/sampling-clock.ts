/** When samples are due: at the multiples of `sampleMs` of the wall clock, so that frames of all nodes line up. */
export interface SamplingPeriods {
  readonly sampleMs: number;
  /** A multiple of `sampleMs`. */
  readonly intervalMs: number;
}

/** The next multiple of the sampling period after `nowMs`, Unix ms. */
export function nextSampleMs(nowMs: number, { sampleMs }: SamplingPeriods): number {
  return (Math.floor(nowMs / sampleMs) + 1) * sampleMs;
}

/** The end of the frame that a sample due at `dueMs` belongs to: `dueMs` itself where it closes one. */
export function frameEndMs(dueMs: number, { intervalMs }: SamplingPeriods): number {
  return Math.ceil(dueMs / intervalMs) * intervalMs;
}
