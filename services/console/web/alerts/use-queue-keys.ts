import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { AlertView } from '../../api/contract/alerts.ts';

interface Actions {
  readonly open: (row: AlertView) => void;
  readonly choose?: (row: AlertView) => void;
}

/** j and k move through the queue, Enter opens, x chooses; wherever the focus is, but where one writes. */
export function useQueueKeys(rows: readonly AlertView[], { open, choose }: Actions) {
  const [active, render] = useState(-1);
  // Keys come faster than renderings.
  const place = useRef(active);
  const links = useRef<(HTMLElement | null)[]>([]);
  const setActive = (index: number) => {
    place.current = index;
    render(index);
  };
  // With the rows themselves, not after they are painted: a key that is pressed at once counts.
  useLayoutEffect(() => {
    const go = (index: number) => {
      const next = Math.min(Math.max(index, 0), rows.length - 1);
      setActive(next);
      links.current[next]?.focus();
    };
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      const row = rows[place.current];
      const moves: Readonly<Record<string, (() => void) | undefined>> = {
        j: () => go(place.current + 1),
        k: () => go(place.current - 1),
        x: row && choose && (() => choose(row)),
        // A focused link opens by itself.
        Enter: row && event.target === document.body ? () => open(row) : undefined,
      };
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      move();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [rows, open, choose]);
  const take = (index: number) => (element: HTMLElement | null) => {
    links.current[index] = element;
  };
  return { active, setActive, take };
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox') ||
    (target instanceof Element && target.closest('dialog') !== null)
  );
}
