/**
 * A tick: the stream's own clock. Silence cannot be seen in a stream that is silent, so a ticker writes one to
 * every partition. "Missed" and "blind" are counted in ticks read since a node's last frame.
 */
export interface Tick {
  /** floor(time / TICK_MS). Two tickers write the same index; a reader counts each index once. */
  readonly index: number;
  readonly timeMs: number;
}

export const TICK_MS = 10_000;

export function tickAt(timeMs: number): Tick {
  const index = Math.floor(timeMs / TICK_MS);
  return { index, timeMs: index * TICK_MS };
}
