import { useLayoutEffect, useRef } from 'preact/hooks';
import { useStore } from '../store.ts';
import { fill } from './colour.ts';
import type { Dimension } from './dimension.ts';
import { themeChanges } from './theme.tsx';

/** A little square in a value's colour and pattern, as the strips show it. */
export function Swatch({ dimension, value }: { readonly dimension: Dimension; readonly value: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(themeChanges);
  // Another theme has other colours.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) fill(context, dimension, value, [0, 0, 28, 28]);
  }, [dimension, value, theme]);
  return (
    <span class="swatch" aria-hidden="true">
      <canvas ref={canvas} width={28} height={28} />
    </span>
  );
}
