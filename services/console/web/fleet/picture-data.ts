import type { Dimension } from '../parts/colour.ts';
import { type BoardData, graver } from './board-data.ts';

/** Nodes of one tenant at one site. */
export interface Group {
  readonly site: string;
  readonly tenant: string | null;
  readonly simulated: boolean;
  /** Indexes, in the order of the board. */
  readonly nodes: readonly number[];
}

/** The nodes grouped, the group of the first node first. */
export function grouped(board: BoardData, order: readonly number[]): readonly Group[] {
  const groups = new Map<
    string,
    { site: string; tenant: string | null; simulated: boolean; nodes: number[] }
  >();
  for (const index of order) {
    const node = board.nodes[index];
    if (!node) continue;
    const { site, tenant, simulated } = node;
    const key = `${site}\n${tenant ?? ''}`;
    const group = groups.get(key);
    if (group) group.nodes.push(index);
    else groups.set(key, { site, tenant, simulated, nodes: [index] });
  }
  return [...groups.values()];
}

/** A group's lines on the picture: consecutive, from `top`, each of up to `perLine` nodes. */
export interface Band {
  readonly group: Group;
  readonly top: number;
  readonly lines: number;
}

/** Gives every group lines by its size, at least `least` so that it can be pointed at. */
export function bandsOf(groups: readonly Group[], height: number, least: number): readonly Band[] {
  const total = groups.reduce((sum, group) => sum + group.nodes.length, 0);
  const free = Math.max(0, height - groups.length * least);
  let top = 0;
  return groups.map((group) => {
    const lines = least + Math.floor((free * group.nodes.length) / Math.max(1, total));
    const band = { group, top, lines };
    top += lines;
    return band;
  });
}

/** The nodes of one line of a band: never none. */
export function nodesOfLine({ group, lines }: Band, line: number): readonly number[] {
  const size = group.nodes.length;
  const from = Math.floor((line * size) / lines);
  return group.nodes.slice(from, Math.max(from + 1, Math.floor(((line + 1) * size) / lines)));
}

/** Place of the value that stands for several nodes in a cell: the gravest, or the most frequent behaviour. */
export function placeOf(
  board: BoardData,
  nodes: readonly number[],
  cell: number,
  dimension: Dimension,
): number {
  const block = board.block(dimension);
  if (dimension !== 'behaviour') {
    let gravest = 0;
    for (const index of nodes) gravest = graver(dimension, gravest, block[index * board.cells + cell] ?? 0);
    return gravest;
  }
  if (nodes.length === 1) return block[(nodes[0] ?? 0) * board.cells + cell] ?? 0;
  frequency.fill(0);
  let best = 0;
  for (const index of nodes) {
    const place = block[index * board.cells + cell] ?? 0;
    const times = (frequency[place] ?? 0) + 1;
    frequency[place] = times;
    if (place > 0 && (best === 0 || times > (frequency[best] ?? 0))) best = place;
  }
  return best;
}

const frequency = new Uint16Array(64);
