import type { Example } from '#libs/detect/evidence/fit.ts';
import { windowFeatures } from '#libs/detect/evidence/windows.ts';
import { ConfigError } from '#libs/runtime/errors.ts';
import { listTraces } from './catalogue.ts';
import { evaluateTrace } from './node-traces.ts';
import { behaviourOf } from './scores.ts';

/**
 * Windows of recorded runs as examples, a family a label: for a site that fits to its own machines.
 * @param without ids of traces that are left out
 * @throws ConfigError for an id that is not listed; NotFoundError
 */
export async function recordedExamples(directory: string, without: readonly string[]): Promise<Example[]> {
  const listed = await listTraces(directory);
  for (const id of without) {
    if (!listed.some((trace) => trace.id === id))
      throw new ConfigError(`--without ${id}: expected the id of a trace in ${directory}`);
  }
  const examples: Example[] = [];
  for (const trace of listed.filter(({ id, kind }) => kind === 'node' && !without.includes(id))) {
    const { windows, frames } = await evaluateTrace(directory, trace);
    for (const { startSeconds, endSeconds, label } of windows) {
      const behaviour = behaviourOf(label);
      if (behaviour === null) continue;
      const own = frames.filter((frame) => frame.endSeconds > startSeconds && frame.endSeconds <= endSeconds);
      for (const values of windowFeatures(own))
        examples.push({ family: `recorded ${label}`, behaviour, values });
    }
  }
  return examples;
}
