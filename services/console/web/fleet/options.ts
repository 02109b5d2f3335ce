import type { Span } from '../../api/contract/fleet.ts';
import { DIMENSIONS, type Dimension } from '../parts/dimension.ts';
import { type Filter, readFilter, writeFilter } from './filter.ts';

/** How the board is shown; kept in the address, so that a view can be passed on. */
export const SPAN_WORDS: Readonly<Record<Span, string>> = { hour: '1 h', day: '24 h', week: '7 d' };

export interface BoardOptions {
  readonly span: Span;
  readonly colourBy: Dimension;
  readonly view: 'board' | 'table';
  readonly filter: Filter;
  /** Of the table, from 0. */
  readonly page: number;
}

export function readOptions(search: string): BoardOptions {
  const query = new URLSearchParams(search);
  const span = query.get('span') ?? '';
  const by = query.get('by') ?? '';
  return {
    span: isSpan(span) ? span : 'day',
    colourBy: DIMENSIONS.find((dimension) => dimension === by) ?? 'behaviour',
    view: query.get('view') === 'table' ? 'table' : 'board',
    filter: readFilter(query),
    page: Math.max(1, Math.floor(Number(query.get('page'))) || 1) - 1,
  };
}

function isSpan(text: string): text is Span {
  return Object.hasOwn(SPAN_WORDS, text);
}

export function writeOptions({ span, colourBy, view, filter, page }: BoardOptions): string {
  const query = new URLSearchParams();
  if (span !== 'day') query.set('span', span);
  if (colourBy !== 'behaviour') query.set('by', colourBy);
  if (view !== 'board') query.set('view', view);
  writeFilter(filter, query);
  if (page > 0) query.set('page', String(page + 1));
  const text = query.toString();
  return text ? `/?${text}` : '/';
}

export function boardPath(span: Span): string {
  return `/api/board?span=${span}`;
}
