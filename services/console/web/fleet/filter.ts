import { HEARTBEATS } from '#libs/model/assessment.ts';
import { type Dimension, VALUES } from '../parts/dimension.ts';
import type { BoardData, BoardNode } from './board-data.ts';

export type Facet = Dimension | 'heartbeat';
export const FACETS: readonly Facet[] = ['conformity', 'heartbeat', 'behaviour', 'grade'];
/** Stands for "no verdict yet" among the values of a facet. */
export const NONE = '–';

export interface Filter {
  readonly text: string;
  readonly tenant: string | null;
  readonly site: string | null;
  /** The values let through; none chosen: all. */
  readonly facets: Readonly<Record<Facet, ReadonlySet<string>>>;
}

const NOBODY: ReadonlySet<string> = new Set();
export const EVERYTHING: Filter = {
  text: '',
  tenant: null,
  site: null,
  facets: { behaviour: NOBODY, conformity: NOBODY, grade: NOBODY, heartbeat: NOBODY },
};

export function isEverything({ text, tenant, site, facets }: Filter): boolean {
  return text === '' && tenant === null && site === null && FACETS.every((facet) => facets[facet].size === 0);
}

export function toggled(filter: Filter, facet: Facet, value: string): Filter {
  const values = new Set(filter.facets[facet]);
  if (!values.delete(value)) values.add(value);
  return { ...filter, facets: { ...filter.facets, [facet]: values } };
}

/** What an address says, as {@link writeFilter} writes it; values that no facet has are left out. */
export function readFilter(query: URLSearchParams): Filter {
  const chosen = (facet: Facet): ReadonlySet<string> =>
    new Set([...valuesOf(facet), NONE].filter((value) => query.getAll(facet).includes(value)));
  return {
    text: query.get('find') ?? '',
    tenant: query.get('tenant'),
    site: query.get('site'),
    facets: {
      behaviour: chosen('behaviour'),
      conformity: chosen('conformity'),
      grade: chosen('grade'),
      heartbeat: chosen('heartbeat'),
    },
  };
}

export function writeFilter({ text, tenant, site, facets }: Filter, query: URLSearchParams): void {
  if (text !== '') query.set('find', text);
  if (tenant !== null) query.set('tenant', tenant);
  if (site !== null) query.set('site', site);
  for (const facet of FACETS) for (const value of facets[facet]) query.append(facet, value);
}

/** Newest value of a facet. */
export function facetOf(board: BoardData, node: BoardNode, facet: Facet): string {
  return (facet === 'heartbeat' ? node.heartbeat : board.newest(node.index, facet)) ?? NONE;
}

/** All values a facet can have, in the order they are listed. */
export function valuesOf(facet: Facet): readonly string[] {
  return facet === 'heartbeat' ? HEARTBEATS : VALUES[facet];
}

export interface Selection {
  /** What is shown. */
  readonly nodes: readonly BoardNode[];
  /** Of the nodes that text, site and tenant let through: how many have each value. */
  readonly counts: Readonly<Record<Facet, ReadonlyMap<string, number>>>;
}

/** One pass over the board. */
export function select(board: BoardData, filter: Filter): Selection {
  const counts = {
    behaviour: new Map<string, number>(),
    conformity: new Map<string, number>(),
    grade: new Map<string, number>(),
    heartbeat: new Map<string, number>(),
  };
  const nodes: BoardNode[] = [];
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const node of board.nodes) {
    if (!isNamed(node, filter, words)) continue;
    let shown = true;
    for (const facet of FACETS) {
      const value = facetOf(board, node, facet);
      counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
      if (filter.facets[facet].size > 0 && !filter.facets[facet].has(value)) shown = false;
    }
    if (shown) nodes.push(node);
  }
  return { nodes, counts };
}

function isNamed(node: BoardNode, { tenant, site }: Filter, words: readonly string[]): boolean {
  if (tenant !== null && (node.tenant ?? NONE) !== tenant) return false;
  if (site !== null && node.site !== site) return false;
  if (words.length === 0) return true;
  const text = `${node.node} ${node.site} ${node.tenant ?? ''} ${node.hardware ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
