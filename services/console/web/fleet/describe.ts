import { BEHAVIOURS, type Behaviour } from '#libs/model/behaviour.ts';
import { range, span } from '../format.ts';
import { BEHAVIOUR_WORDS } from '../words.ts';
import type { BoardData } from './board-data.ts';

/** `B5 matmul PoW-like`; a dash where there is no verdict. */
export function behaviourLabel(code: string | null): string {
  return code !== null && isBehaviour(code) ? `${code} ${BEHAVIOUR_WORDS[code]}` : 'no verdict yet';
}

function isBehaviour(code: string): code is Behaviour {
  return Object.hasOwn(BEHAVIOURS, code);
}

/** One cell in words: for the line that follows the pointer and the keys. */
export function cellInWords(board: BoardData, index: number, cell: number, nowMs: number): string {
  const [fromMs, toMs] = board.interval(cell);
  const when = range(fromMs, toMs, nowMs);
  const behaviour = board.value(index, cell, 'behaviour');
  if (behaviour === null) return `${when}: no verdict`;
  const conformity = board.value(index, cell, 'conformity');
  const grade = board.value(index, cell, 'grade');
  return `${when}: ${behaviourLabel(behaviour)}, ${conformity}, trust ${grade}`;
}

/** A strip in words: how long each behaviour, longest first, and how long it deviated. */
export function stripInWords(board: BoardData, index: number): string {
  const lengths = new Map<string, number>();
  let deviating = 0;
  for (let cell = 0; cell < board.cells; cell++) {
    const label = board.value(index, cell, 'behaviour');
    if (label !== null) lengths.set(label, (lengths.get(label) ?? 0) + 1);
    if (board.value(index, cell, 'conformity') === 'deviates') deviating++;
  }
  if (lengths.size === 0) return 'no verdict in this time';
  const parts = [...lengths]
    .sort((a, b) => b[1] - a[1])
    .map(([code, cells]) => `${behaviourLabel(code)} ${span(cells * board.cellMs)}`);
  const deviation = deviating > 0 ? `; deviating ${span(deviating * board.cellMs)}` : '';
  return `${parts.slice(0, 3).join(', ')}${deviation}`;
}
