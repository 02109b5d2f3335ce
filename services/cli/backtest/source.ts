import type { Batch } from '#libs/bus/port.ts';
import { buildRegister, type Register } from '#libs/detect/register.ts';
import type { DeclarationRegister, NodeRecord, NodeRegister } from '#libs/ledger/port.ts';

/** Stored telemetry, as the detector would have met it: batches of `frames` and `readings`, in one fixed order. */
export interface Source {
  readonly kind: 'bus' | 'series' | 'traces';
  /** Where it comes from, for a person. */
  readonly words: string;
  /** Steps of the whole, for a progress bar. */
  readonly total: number;
  /** What a backtest of it cannot see, in sentences. */
  readonly unseen: readonly string[];
  /** Nodes labelled with what nobody declares: an alert on them is not a false one. */
  readonly labelled: ReadonlySet<string>;
  /** @param step told of progress */
  stretches(step: (by: number) => void): AsyncIterable<Stretch>;
}

/** A run of telemetry that begins with a detector that knows nothing. */
export interface Stretch {
  readonly register: Register;
  readonly batches: AsyncIterable<Batch>;
}

/** Ends of the frames that are put through, event time in Unix ms; `fromMs` excluded, as of a window. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export const ALL_TIME: Range = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

/**
 * Event time after the end for which ticks go on, so that the last windows close and are compared with peers; less
 * than what would make a node missed.
 */
export const CLOSING_MS = 60_000;

/** The ledger, as far as it says what nodes there are and what is declared for them. */
export interface Registers {
  readonly nodes: Pick<NodeRegister, 'list'>;
  readonly declarations: Pick<DeclarationRegister, 'list'>;
}

/** What the ledger has now; nodes by name. */
export async function registered({
  nodes,
  declarations,
}: Registers): Promise<{ readonly nodes: readonly NodeRecord[]; readonly register: Register }> {
  const list = [...(await nodes.list())].sort((a, b) => (a.node < b.node ? -1 : 1));
  return { nodes: list, register: buildRegister(list, await declarations.list()) };
}
