import { useCallback, useEffect, useState } from 'preact/hooks';
import type { AlertPage, AlertView } from '../../api/contract/alerts.ts';
import { ApiError, get } from '../api.ts';
import { live } from '../live.ts';
import { useLoad } from '../use-load.ts';

const PAGE = 100;
/** Alerts may come in a crowd: the list is asked for again at most this often. */
const PAUSE_MS = 1_000;

export interface Queue {
  readonly rows: readonly AlertView[] | null;
  readonly error: ApiError | null;
  readonly reload: () => void;
  /** Brings the next page; null: there is none. */
  readonly more: (() => void) | null;
}

/** The alerts of a filter, in its order, kept up to date; further pages on request. */
export function useQueue(query: string): Queue {
  const path = `/api/alerts?${query}${query ? '&' : ''}limit=${PAGE}`;
  const first = useLoad<AlertPage>(path);
  const [further, setFurther] = useState<{ path: string; pages: readonly AlertPage[] }>({ path, pages: [] });
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = live.onAlert(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        first.reload();
      }, PAUSE_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [first.reload]);
  const pages = further.path === path ? further.pages : [];
  const next = (pages.at(-1) ?? first.data)?.next ?? null;
  const load = useCallback(async () => {
    try {
      const page = await get<AlertPage>(`${path}&after=${encodeURIComponent(next ?? '')}`);
      setFurther({ path, pages: [...pages, page] });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  }, [path, next, pages]);
  return {
    rows: first.data ? distinct([first.data, ...pages].flatMap((page) => page.rows)) : null,
    error: first.error ?? error,
    reload: first.reload,
    more: next === null ? null : () => void load(),
  };
}

/** A page that was loaded earlier may hold what has moved to the first since. */
function distinct(rows: readonly AlertView[]): readonly AlertView[] {
  return [...new Map(rows.toReversed().map((row) => [row.id, row])).values()].reverse();
}
