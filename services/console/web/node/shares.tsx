import { useLayoutEffect, useRef } from 'preact/hooks';
import { percent } from '../format.ts';
import { fitted } from '../parts/canvas.ts';
import { fill } from '../parts/colour.ts';
import { themeChanges } from '../parts/theme.tsx';
import { useStore } from '../store.ts';
import type { BehaviourShare } from './verdict.tsx';

/** The distribution over behaviours as one bar; the list beside it says the same in words. */
export function Shares({ shares }: { readonly shares: readonly BehaviourShare[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(themeChanges);
  // Another theme has other colours.
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element && fitted(element);
    if (!element || !context) return;
    let x = 0;
    for (const [behaviour, share] of shares) {
      const width = share * element.width;
      fill(context, 'behaviour', behaviour, [x, 0, width - devicePixelRatio, element.height]);
      x += width;
    }
  }, [shares, theme]);
  const words = shares.map(([behaviour, share]) => `${behaviour} ${percent(share)}`).join(', ');
  return <canvas ref={canvas} class="history-strip" role="img" aria-label={`Behaviours: ${words}`} />;
}
