import type { Batch } from '#libs/bus/port.ts';
import { buildRegister } from '#libs/detect/register.ts';
import type { Declaration } from '#libs/model/declaration.ts';
import { DEFAULT_INTERVAL_MS } from '#libs/model/frame.ts';
import { NotFoundError } from '#libs/runtime/errors.ts';
import { traceFrames } from '#libs/traces/recording/node-trace.ts';
import { type ListedTrace, listTraces, readTrace } from '../evaluate/traces/catalogue.ts';
import type { Range, Source } from './source.ts';
import { Voices } from './voices.ts';

/** A Monday at noon, as for `davylamp evaluate`; where a trace begins is not recorded. */
const START_MS = Date.UTC(2026, 0, 5, 12);
const SITE = 'traces';
/** Labels of rows that nobody declares as ordinary compute: `pow_cpu`, `pow_hash_gpu` and the like. */
const LABELLED = /^pow_/;

/**
 * Recorded traces of nodes, in the format of `traces.json`: each is a node of its own, named by the trace, and begins
 * with a detector that knows nothing. Declared as ordinary compute of every kind, without bounds.
 * @throws NotFoundError without a trace of a node
 */
export async function traceSource(directory: string, range: Range): Promise<Source> {
  const listed = await listTraces(directory);
  const traces = listed.filter(({ kind }) => kind === 'node');
  if (traces.length === 0)
    throw new NotFoundError(
      `${directory}: expected at least one trace of kind node in traces.json, got none`,
    );
  const others = listed.length - traces.length;
  const mining = traces.filter(({ labels }) => Object.keys(labels).some((label) => LABELLED.test(label)));
  return {
    kind: 'traces',
    words: `${traces.length} recorded traces of nodes in ${directory}`,
    total: traces.length,
    unseen: [
      ...(others === 0 ? [] : [`${others} traces of other kinds are left out: they have no frames.`]),
      'Traces hold no meter readings, connections and seals, and no peers; each begins without a past.',
      'Frames of traces are not independent: several GPUs of one run, several runs of one machine.',
    ],
    labelled: new Set(mining.map(nameOf)),
    async *stretches(step) {
      for (const trace of traces) {
        const register = buildRegister([], [declarationOf(nameOf(trace))]);
        yield { register, batches: framesOf(directory, trace, range) };
        step(1);
      }
    },
  };
}

async function* framesOf(directory: string, trace: ListedTrace, range: Range): AsyncGenerator<Batch> {
  const voices = new Voices();
  const frames = traceFrames(await readTrace(directory, trace)).map((frame) => ({
    node: nameOf(trace),
    site: SITE,
    endMs: START_MS + frame.endSeconds * 1000,
    intervalMs: DEFAULT_INTERVAL_MS,
    samples: frame.samples,
    entities: frame.entities,
  }));
  yield voices.batch(frames.filter(({ endMs }) => endMs > range.fromMs && endMs <= range.toMs));
  yield voices.end();
}

/** A trace's id in the letters that a node's name may have. */
function nameOf({ id }: ListedTrace): string {
  return id.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 128);
}

function declarationOf(node: string): Declaration {
  return {
    id: 'backtest',
    version: 1,
    tenant: node,
    nodes: [node],
    behaviours: ['B0', 'B1', 'B2', 'B3'],
    envelope: [],
    validFromMs: 0,
    validToMs: null,
    approver: 'backtest',
    recordedMs: 0,
  };
}
