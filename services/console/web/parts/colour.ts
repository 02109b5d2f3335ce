import type { Dimension } from './dimension.ts';
import { themeChanges } from './theme.tsx';

/** `solid`, or a pattern beside the colour, so that neighbours in colour differ in form as well. */
type Pattern = 'solid' | 'rising' | 'level' | 'upright' | 'dots' | 'cross';
const PATTERNS: Readonly<Record<string, Pattern>> = {
  B5: 'rising',
  B6: 'level',
  B8: 'rising',
  B10: 'level',
  B11: 'upright',
  B12: 'cross',
  B13: 'dots',
  undeclared: 'rising',
  'cannot tell': 'dots',
  X: 'upright',
};

/** Custom property of a value's colour, and class of its swatch: `b5`, `cannot-tell`, `grade-a`. */
export function tokenOf(dimension: Dimension, value: string): string {
  const name = value.toLowerCase().replace(' ', '-');
  return dimension === 'grade' ? `grade-${name}` : name;
}

let known = new Map<string, string>();
themeChanges.subscribe(() => {
  known = new Map();
});

/** A custom property's colour as a canvas understands it, `rgb(…)`. */
export function colour(token: string): string {
  const cached = known.get(token);
  if (cached !== undefined) return cached;
  const probe = document.createElement('i');
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  known.set(token, value);
  return value;
}

/** Fills a rectangle with a value's colour and pattern; in device pixels. */
export function fill(
  context: CanvasRenderingContext2D,
  dimension: Dimension,
  value: string,
  [x, y, width, height]: readonly [number, number, number, number],
): void {
  context.fillStyle = colour(tokenOf(dimension, value));
  context.fillRect(x, y, width, height);
  const pattern = PATTERNS[value] ?? 'solid';
  if (pattern === 'solid' || width < 3) return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour(value === 'B12' ? 'hatch-dark' : 'hatch');
  context.fillStyle = context.strokeStyle;
  draw(context, pattern, x, y, width, height);
  context.restore();
}

const STEP = 6;

/** Patterns hang on the canvas, not on the rectangle: they go on across neighbours. */
function draw(
  context: CanvasRenderingContext2D,
  pattern: Exclude<Pattern, 'solid'>,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  const left = Math.floor(x / STEP) * STEP;
  const right = x + width;
  const bottom = y + height;
  const line = (x0: number, y0: number, x1: number, y1: number) => {
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
  };
  const rising = () => {
    for (let at = left - height; at < right; at += STEP) line(at, bottom, at + height, y);
  };
  const falling = () => {
    for (let at = left - height; at < right; at += STEP) line(at, y, at + height, bottom);
  };
  const lines: Readonly<Record<Exclude<Pattern, 'solid'>, () => void>> = {
    rising,
    cross: () => {
      rising();
      falling();
    },
    level: () => {
      for (let at = y + 3; at < bottom; at += 5) line(x, at, right, at);
    },
    upright: () => {
      for (let at = left; at < right; at += 5) line(at, y, at, bottom);
    },
    dots: () => {
      for (let at = left; at < right; at += STEP)
        for (let dot = y + 3; dot < bottom; dot += STEP) context.fillRect(at, dot, 1.5, 1.5);
    },
  };
  context.beginPath();
  context.lineWidth = 1.25;
  lines[pattern]();
  context.stroke();
}
