import { InvalidArgumentError } from 'commander';

/**
 * What a trace of a node may be labelled with. Those of the trace format first; then what it has no word for.
 * They name what ran, as the one who started it knows it.
 */
export const NODE_LABELS = [
  'idle',
  'ai_training',
  'ai_inference',
  'render',
  'pow_hash_gpu',
  'pow_cpu',
  'ordinary',
  'pow_matmul_gpu',
  'hpc',
  'cryptographic_compute',
  'validator',
  'storage',
  'mixed',
] as const;

/** What connections may be labelled with. */
export const FLOW_LABELS = ['pool_session', 'validator_p2p', 'ordinary'] as const;

/** Labels by remote port. */
export type FlowLabels = ReadonlyMap<number, string>;

/** Reads `--label`. @throws InvalidArgumentError */
export function nodeLabel(text: string): string {
  return oneOf(NODE_LABELS, text);
}

/** Reads one more `--flow PORT=LABEL`. @throws InvalidArgumentError */
export function flowLabel(text: string, sofar: FlowLabels = new Map()): FlowLabels {
  const [, port = '', label = ''] = /^(\d+)=(.*)$/.exec(text) ?? [];
  if (!(Number(port) >= 1 && Number(port) <= 65_535))
    throw new InvalidArgumentError('expected PORT=LABEL, such as 3333=pool_session');
  return new Map([...sofar, [Number(port), oneOf(FLOW_LABELS, label)]]);
}

function oneOf(labels: readonly string[], text: string): string {
  if (labels.includes(text)) return text;
  throw new InvalidArgumentError(`expected one of ${labels.join(', ')}`);
}
