import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Behaviour } from '#libs/model/behaviour.ts';
import { fill } from '../parts/colour.ts';
import { themeChanges } from '../parts/theme.tsx';
import { useStore } from '../store.ts';

/** A side of a tile in which all patterns repeat without a seam. */
const TILE = 30;

/** A behaviour's colour and pattern as an image to be repeated. */
function texture(behaviour: Behaviour): string {
  const canvas = document.createElement('canvas');
  canvas.width = TILE;
  canvas.height = TILE;
  const context = canvas.getContext('2d');
  if (context) fill(context, 'behaviour', behaviour, [0, 0, TILE, TILE]);
  return `url(${canvas.toDataURL()})`;
}

let made = new Map<Behaviour, string>();
themeChanges.subscribe(() => {
  made = new Map();
});

function textureOf(behaviour: Behaviour): string {
  const known = made.get(behaviour) ?? texture(behaviour);
  made.set(behaviour, known);
  return known;
}

interface BarProps {
  readonly behaviour: Behaviour;
  /** Of the whole length, 0–1. */
  readonly share: number;
}

/** A bar in a behaviour's colour and pattern; its number stands beside it. */
export function Bar({ behaviour, share }: BarProps) {
  useStore(themeChanges);
  return (
    <span class="decides-bar" aria-hidden="true">
      <i style={{ width: `${100 * share}%`, backgroundImage: textureOf(behaviour) }} />
    </span>
  );
}

interface LittleBarsProps {
  readonly behaviour: Behaviour;
  /** Probability of each bin; null: there is none. */
  readonly bins: readonly number[] | null;
}

const STEP = 4;
const HEIGHT = 22;
/** Probability that fills the height: few bins hold more, and those are cut. */
const FULL = 0.6;

/** A distribution over bins, small; the tables have its numbers. */
export function LittleBars({ behaviour, bins }: LittleBarsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(themeChanges);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || !bins) return;
    element.width = bins.length * STEP * 2;
    element.height = HEIGHT * 2;
    bins.forEach((probability, bin) => {
      const height = Math.max(1, Math.min(1, probability / FULL) * element.height);
      fill(context, 'behaviour', behaviour, [bin * STEP * 2, element.height - height, STEP * 2 - 2, height]);
    });
  }, [behaviour, bins, theme]);
  if (bins === null) return <span class="small soft">none</span>;
  return (
    <span class="decides-little" aria-hidden="true">
      <canvas ref={canvas} style={{ width: `${bins.length * STEP}px`, height: `${HEIGHT}px` }} />
    </span>
  );
}
