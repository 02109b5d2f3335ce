import { type Dimension, VALUES } from '../parts/dimension.ts';
import type { BoardData } from './board-data.ts';
import { NONE } from './filter.ts';

/** Nodes of one site, or of one tenant where a single site is shown. */
export interface Group {
  readonly name: string;
  /** Null: what is left over, of several names. */
  readonly value: string | null;
  readonly simulated: boolean;
  /** Indexes, in the order of the board. */
  readonly nodes: readonly number[];
}

/** More groups than this cannot be told apart: the rest is one. */
const MOST = 8;

/** The nodes by site, or by tenant; the group of the first node first. */
export function grouped(board: BoardData, order: readonly number[], by: 'site' | 'tenant'): readonly Group[] {
  const groups = new Map<string, { value: string; name: string; simulated: boolean; nodes: number[] }>();
  for (const index of order) {
    const node = board.nodes[index];
    if (!node) continue;
    const value = by === 'site' ? node.site : (node.tenant ?? NONE);
    const group = groups.get(value);
    if (group) group.nodes.push(index);
    else {
      const name = value === NONE ? 'no tenant' : value;
      groups.set(value, { value, name, simulated: node.simulated, nodes: [index] });
    }
  }
  const all = [...groups.values()];
  if (all.length <= MOST + 1) return all;
  const rest = all.slice(MOST);
  const name = `${rest.length} other ${by}s`;
  return [
    ...all.slice(0, MOST),
    { name, value: null, simulated: false, nodes: rest.flatMap(({ nodes }) => nodes) },
  ];
}

/** A group's lines on the picture: consecutive, from `top`. */
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

const DEVIATES = VALUES.conformity.indexOf('deviates') + 1;

/** How many nodes of a group had which value in a cell. */
export interface CellShare {
  /** By place + 1 in the model's list, those that deviate left out; at 0 those without a verdict. */
  readonly counts: Uint32Array;
  readonly deviating: number;
}

export function shareOf(board: BoardData, { nodes }: Group, cell: number, dimension: Dimension): CellShare {
  const block = board.block(dimension);
  const conformities = board.block('conformity');
  const counts = new Uint32Array(VALUES[dimension].length + 1);
  let deviating = 0;
  for (const index of nodes) {
    const at = index * board.cells + cell;
    if (conformities[at] === DEVIATES) deviating++;
    else counts[block[at] ?? 0] = (counts[block[at] ?? 0] ?? 0) + 1;
  }
  return { counts, deviating };
}

/**
 * A cell of a band as lines from the bottom up: by place in the model's list, then nothing for those without a verdict,
 * and on top those that deviate, with one line at least.
 * @returns places + 1 per line; 0: no verdict, `FLAME`: deviates
 */
export function linesOf({ counts, deviating }: CellShare, lines: number): Uint8Array {
  const result = new Uint8Array(lines);
  const total = counts.reduce((sum, count) => sum + count, 0) + deviating;
  if (total === 0) return result;
  const flames = deviating === 0 ? 0 : Math.max(1, Math.round((deviating * lines) / total));
  const rest = lines - flames;
  const others = Math.max(1, total - deviating);
  let sum = 0;
  let line = 0;
  for (let place = 1; place < counts.length; place++) {
    sum += counts[place] ?? 0;
    const until = Math.round((sum * rest) / others);
    result.fill(place, line, until);
    line = until;
  }
  result.fill(FLAME, rest);
  return result;
}

export const FLAME = 255;
