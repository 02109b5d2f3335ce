import { setImmediate as turn } from 'node:timers/promises';
import type { AssessmentRegister } from '#libs/ledger/assessment-port.ts';
import { SPANS } from './api/contract/fleet.ts';
import { type Board, KEPT_HOLD_MS } from './board.ts';

/** Rows of this much event time are read at once: 10,000 nodes have some 60,000 of them. */
const SLICE_MS = 6 * 3_600_000;
const NODES_A_TURN = 2_000;

/** Fills a board with what the ledger has kept of the last week of event time. */
export async function fillBoard(
  board: Board,
  assessments: Pick<AssessmentRegister, 'newest' | 'verdicts'>,
  nodes: readonly string[],
): Promise<void> {
  const newestMs = await newestOf(assessments, nodes);
  if (newestMs === 0) return;
  board.expect(newestMs);
  const { cells, cellMs } = SPANS.week;
  const read = (fromMs: number) => {
    const verdicts = assessments.verdicts(fromMs, Math.min(fromMs + SLICE_MS, newestMs + 1));
    // It may fail before it is waited for: whoever waits is told.
    verdicts.catch(() => undefined);
    return verdicts;
  };
  let fromMs = newestMs - cells * cellMs - KEPT_HOLD_MS;
  // The ledger reads the next slice while this one is taken.
  for (let next = read(fromMs); fromMs <= newestMs; ) {
    const verdicts = await next;
    fromMs += SLICE_MS;
    if (fromMs <= newestMs) next = read(fromMs);
    for (const verdict of verdicts) board.take(verdict, 'ledger');
    await turn();
  }
}

/** End of the newest kept window; 0: none is kept. */
async function newestOf(
  assessments: Pick<AssessmentRegister, 'newest'>,
  nodes: readonly string[],
): Promise<number> {
  let newestMs = 0;
  for (let at = 0; at < nodes.length; at += NODES_A_TURN) {
    const verdicts = await assessments.newest(nodes.slice(at, at + NODES_A_TURN));
    for (const { windowEndMs } of verdicts) newestMs = Math.max(newestMs, windowEndMs);
  }
  return newestMs;
}
