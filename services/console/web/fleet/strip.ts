import { fitted } from '../parts/canvas.ts';
import { colour, fill } from '../parts/colour.ts';
import type { Dimension } from '../parts/dimension.ts';
import type { BoardData } from './board-data.ts';

/** Height of the line under a strip that marks deviations, whatever the strip is coloured by; CSS pixels. */
const MARK = 3;

/** Draws a node's strip over the whole canvas: runs of one value, and under them a flame line where it deviates. */
export function drawStrip(
  canvas: HTMLCanvasElement,
  board: BoardData,
  index: number,
  dimension: Dimension,
): void {
  const context = fitted(canvas);
  if (!context) return;
  const { width, height } = canvas;
  const scale = devicePixelRatio;
  // Coloured by conformity, deviations need no second mark.
  const marked = dimension !== 'conformity';
  const body = marked ? height - Math.round((MARK + 1) * scale) : height;
  const edge = (cell: number) => Math.round((cell * width) / board.cells);
  forRuns(board, index, dimension, (value, from, to) => {
    fill(context, dimension, value, [edge(from), 0, edge(to) - edge(from), body]);
  });
  if (!marked) return;
  context.fillStyle = colour('deviates');
  forRuns(board, index, 'conformity', (value, from, to) => {
    if (value !== 'deviates') return;
    context.fillRect(edge(from), height - Math.round(MARK * scale), edge(to) - edge(from), MARK * scale);
  });
}

function forRuns(
  board: BoardData,
  index: number,
  dimension: Dimension,
  each: (value: string, from: number, to: number) => void,
): void {
  let from = 0;
  for (let cell = 1; cell <= board.cells; cell++) {
    const value = board.value(index, from, dimension);
    if (cell < board.cells && board.value(index, cell, dimension) === value) continue;
    if (value !== null) each(value, from, cell);
    from = cell;
  }
}
