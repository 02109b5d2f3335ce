/**
 * How much of the stream becomes points.
 *
 * - `full`: every frame, and the summaries and assessments.
 * - `adaptive`: the core metrics of every summary; every frame, with what the bus still has of the last 24 hours, of
 *   the nodes on the `resolution` topic.
 * - `rollup`: summaries and assessments.
 */
export const RESOLUTIONS = ['full', 'adaptive', 'rollup'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];
