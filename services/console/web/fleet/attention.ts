import type { BoardData, BoardNode } from './board-data.ts';

const SEVERITY = { high: 400, medium: 300, low: 200, info: 0 };
const HEARTBEAT = { blind: 60, missed: 20, present: 0 };
const CONFORMITY: Readonly<Record<string, number>> = { deviates: 80, undeclared: 4, 'cannot tell': 2 };
const GRADE: Readonly<Record<string, number>> = { X: 50 };

/** How much a node asks for a look: findings first, then deviation, silence and contradiction. 0 and up. */
export function attention(board: BoardData, node: BoardNode): number {
  return (
    (node.severity === null ? 0 : SEVERITY[node.severity]) +
    (CONFORMITY[board.newest(node.index, 'conformity') ?? ''] ?? 0) +
    (node.heartbeat === null ? 0 : HEARTBEAT[node.heartbeat]) +
    (GRADE[board.newest(node.index, 'grade') ?? ''] ?? 0)
  );
}

/** From here on a row is marked. */
export const ATTENTION = 50;

/** Indexes of these nodes, those that ask for a look first, then by name. */
export function byAttention(board: BoardData, nodes: readonly BoardNode[]): number[] {
  const scores = new Map(nodes.map((node) => [node.index, attention(board, node)]));
  const names = new Map(nodes.map((node) => [node.index, node.node]));
  return nodes
    .map((node) => node.index)
    .sort(
      (a, b) =>
        (scores.get(b) ?? 0) - (scores.get(a) ?? 0) || compare(names.get(a) ?? '', names.get(b) ?? ''),
    );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
