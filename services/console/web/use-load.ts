import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from './api.ts';

export interface Loaded<T> {
  /** The newest answer; kept while another is under way. Null before the first. */
  readonly data: T | null;
  readonly error: ApiError | null;
  /** Asks again. */
  readonly reload: () => void;
  /** Takes an answer that came another way, such as that of an act. */
  readonly take: (data: T) => void;
}

/** What a path answers; another path begins anew. Null: nothing to ask yet. */
export function useLoad<T>(path: string | null): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: ApiError | null }>({
    path,
    data: null,
    error: null,
  });
  const [round, setRound] = useState(0);
  const known = useRef(path);
  known.current = path;
  // Another round asks the same path again.
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (data) => !abort.signal.aborted && setState({ path, data, error: null }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((former) => ({ path, data: former.path === path ? former.data : null, error }));
      },
    );
    return () => abort.abort();
  }, [path, round]);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  const take = useCallback((data: T) => setState({ path: known.current, data, error: null }), []);
  const current = state.path === path;
  return { data: current ? state.data : null, error: current ? state.error : null, reload, take };
}
