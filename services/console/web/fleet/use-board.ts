import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { BoardView, LiveVerdict, Span } from '../../api/contract/fleet.ts';
import type { ApiError } from '../api.ts';
import { live } from '../live.ts';
import { useLoad } from '../use-load.ts';
import { BoardData } from './board-data.ts';
import { boardPath } from './options.ts';

const PATCH_MS = 1_000;
/** Findings and nodes that are new come with the whole board; an empty one waits for its first node. */
const RELOAD_MS = 60_000;
const RELOAD_EMPTY_MS = 5_000;

export interface LoadedBoard {
  readonly data: BoardData | null;
  /** Rises with every patch of `data`, which is changed in place. */
  readonly version: number;
  readonly error: ApiError | null;
  readonly reload: () => void;
}

/** The board, kept up to date: verdicts are gathered and put in place once a second. */
export function useBoard(span: Span): LoadedBoard {
  const { data: view, error, reload } = useLoad<BoardView>(boardPath(span));
  const [version, setVersion] = useState(0);
  const data = useMemo(() => (view ? new BoardData(view) : null), [view]);
  const waiting = useRef<LiveVerdict[]>([]);
  useEffect(() => {
    if (!data) return;
    const stop = live.onVerdicts((verdicts) => {
      waiting.current = waiting.current.concat(verdicts);
    });
    const patch = setInterval(() => {
      if (waiting.current.length === 0) return;
      data.take(waiting.current);
      waiting.current = [];
      setVersion((count) => count + 1);
    }, PATCH_MS);
    const again = setInterval(reload, data.nodes.length > 0 ? RELOAD_MS : RELOAD_EMPTY_MS);
    const stopAlerts = live.onAlert((id) => id === null && reload());
    return () => {
      stop();
      stopAlerts();
      clearInterval(patch);
      clearInterval(again);
    };
  }, [data, reload]);
  return { data, version, error, reload };
}
