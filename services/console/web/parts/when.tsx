import { ago, endsOf, fullTime, shortTime } from '../format.ts';
import { Store, useStore } from '../store.ts';

/** What "now" is on the pages: moves every ten seconds. */
const now = new Store(Date.now());
setInterval(() => now.set(Date.now()), 10_000);

export const useNow = (): number => useStore(now);

/** An instant: as a distance from now, or by the clock; the whole of it as a title. */
export function When({ ms, by = 'distance' }: { readonly ms: number; readonly by?: 'distance' | 'clock' }) {
  const nowMs = useNow();
  return (
    <time class="nowrap" dateTime={new Date(ms).toISOString()} title={fullTime(ms)}>
      {by === 'distance' ? ago(ms, nowMs) : shortTime(ms, nowMs)}
    </time>
  );
}

interface SpellProps {
  readonly fromMs: number;
  readonly toMs: number;
  /** What stands between the ends. */
  readonly joint?: 'to' | 'and';
}

/** A time from one instant to another, by the clock. */
export function Spell({ fromMs, toMs, joint = 'to' }: SpellProps) {
  const ends = endsOf(fromMs, toMs, useNow());
  const [from, to] = [fromMs, toMs].map((ms, index) => (
    <time class="nowrap" dateTime={new Date(ms).toISOString()} title={fullTime(ms)}>
      {ends[index]}
    </time>
  ));
  return (
    <>
      {from} {joint} {to}
    </>
  );
}
